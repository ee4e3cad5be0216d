"""Nodes that fall silent: hanging requests, eviction, no room, and a machine that comes back."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.bends import FaultyNode
from simulator.pipeline.laws import Params
from simulator.pipeline.serving import server
from simulator.pipeline.world import LOST, PENDING, READY, STARTING, World
from tests.pipeline.shop import Day, laws, shop

ROOM = 1.7e9  # for two pods


def day(nodes: int, **changes: Any) -> Day:
    """Four pods, two and two on the first two nodes."""
    found = Day(laws(start_up_ms=10_000, **changes))
    found.world = shop(found.params, 4, (ROOM,) * nodes)
    found.world.replicas.node[:] = (0, 0, 1, 1)
    return found


def without(*nodes: int, since: int, until: int = 10**9) -> Any:
    def bend(params: Params, world: World, t: int) -> None:
        if since <= t < until:
            params.bends.nodes_down += [FaultyNode("loss", node) for node in nodes]

    return bend


def phases(found: Day) -> list[int]:
    return [int(phase) for phase in found.world.replicas.phase]


def test_what_is_in_service_is_lost_at_once() -> None:
    found = day(2, timeout_ms=60_000.0, retries=0).until(10_000)
    lost = int(np.isin(found.world.queue.slot, (2, 3)).sum())
    found.until(15_000, without(1, since=10_000))
    assert lost > 0
    assert (found.counts["failed"], found.samples[-1].hits) == (lost, {"loss": 2})


def test_requests_hang_until_the_node_is_taken_for_lost() -> None:
    gone = without(1, since=10_000)
    found = day(2, rate=10.0, retries=0).until(45_000, gone)
    # Ready as far as anybody knows: each holds as many requests as it takes, for nothing.
    assert phases(found) == [READY] * 4
    assert np.bincount(found.world.queue.slot[found.world.queue.slot >= 0])[2:].tolist() == [4, 4]
    assert found.counts["timed_out"] == 8
    found.until(55_000, gone)
    assert phases(found) == [READY, READY, LOST, LOST]
    assert not np.isin(found.world.queue.slot, (2, 3)).any()


def test_evicted_pods_are_made_anew_where_there_is_room() -> None:
    gone = without(1, since=10_000)
    found = day(3).until(350_000, gone)
    assert phases(found) == [READY, READY, LOST, LOST]
    found.until(355_000, gone)
    assert phases(found) == [READY, READY, STARTING, STARTING]
    assert found.world.replicas.node.tolist() == [0, 0, 2, 2]
    notes = [text for sample in found.samples for _, _, text in sample.notes]
    assert "Node node-1 status is now: NodeNotReady" in notes
    assert sum("TaintManagerEviction" in text for text in notes) == 2
    assert phases(found.until(365_000, gone)) == [READY] * 4


def test_without_room_they_are_pending_until_the_node_is_back() -> None:
    gone = without(1, since=10_000, until=600_000)
    found = day(2).until(600_000, gone)
    assert phases(found) == [READY, READY, PENDING, PENDING]
    said = [text for sample in found.samples for _, _, text in sample.notes][-1]
    assert "1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, Insuff" in said
    assert phases(found.until(615_000, gone)) == [READY] * 4
    assert found.world.replicas.node.tolist() == [0, 0, 1, 1]


def test_a_node_that_is_back_in_time_starts_its_containers_again() -> None:
    found = day(2).until(60_000, without(1, since=10_000, until=60_000))
    assert phases(found) == [READY, READY, LOST, LOST]
    found.until(65_000)
    assert phases(found) == [READY, READY, STARTING, STARTING]
    assert found.world.replicas.restarts.tolist() == [0, 0, 1, 1]
    assert phases(found.until(75_000)) == [READY] * 4


def test_a_pod_placed_on_a_node_that_nobody_knows_to_be_dead_starts_never() -> None:
    gone = without(1, since=10_000)
    found = Day(laws(start_up_ms=10_000))
    found.world = shop(found.params, 3, (ROOM,) * 2)
    found.until(20_000, gone)
    found.world.cluster.desired_replicas = 4
    found.until(45_000, gone)
    assert (phases(found)[3], found.world.replicas.node[3]) == (STARTING, 1)
    assert phases(found.until(55_000, gone)) == [READY, LOST, READY, LOST]


def test_pods_that_are_deleted_by_hand_come_sooner() -> None:
    gone = without(1, since=10_000)
    found = day(3).until(60_000, gone)
    assert phases(found) == [READY, READY, LOST, LOST]
    found.world.cluster.restart_pending[2:] = True
    found.until(75_000, gone)
    assert phases(found) == [READY] * 4
    assert found.world.replicas.node.tolist() == [0, 0, 2, 2]


def test_a_pod_that_is_deleted_before_its_node_is_taken_for_lost_serves_nobody_on_its_way_out() -> (
    None
):
    gone = without(1, since=10_000)
    found = day(3, rate=10.0, retries=0).until(30_000, gone)
    found.world.cluster.desired_replicas = 2
    failed = found.counts["failed"]
    found.until(35_000, gone)
    assert not (found.world.queue.leaves > 1e9).any()
    # The clients of those that hung have gone already.
    assert found.counts["failed"] <= failed + 2


def test_what_a_dead_process_had_leaked_does_not_come_back_with_its_node() -> None:
    found = day(2)
    found.world.replicas.leaked[:] = 100e6
    bend, pods = without(1, since=10_000, until=60_000), found.world.replicas
    for end in (15_000, 30_000, 60_000):
        found.until(end, bend)
        # Nobody knows it yet, or everybody does: the machine is off.
        assert (pods.resident[2:] == 0).all()
        assert (pods.leaked == [100e6, 100e6, 0, 0]).all()
    found.until(70_000)
    assert phases(found) == [READY, READY, STARTING, STARTING]
    assert (pods.resident[2:] == 400e6).all()


# A node, from which tick on, for how many.
spells = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 100), st.integers(1, 100)), max_size=4
)


@settings(max_examples=25, deadline=None)
@given(
    spells,
    spells,
    st.integers(1, 3),
)
def test_whatever_is_silent_or_drained_requests_are_conserved_and_pods_return(
    losses: list[tuple[int, int, int]], drains: list[tuple[int, int, int]], retries: int
) -> None:
    def bend(params: Params, world: World, t: int) -> None:
        for node, since, lasts in losses:
            if since * 5000 <= t < (since + lasts) * 5000:
                params.bends.nodes_down.append(FaultyNode("loss", node))
        for node, since, lasts in drains:
            if t == since * 5000:
                world.cluster.cordoned.add(node)
                world.cluster.draining.add(node)
            elif t == (since + lasts) * 5000:
                world.cluster.cordoned.discard(node)
                world.cluster.draining.discard(node)

    found = day(3, rate=20.0, retries=retries)
    while found.t < 1_100_000:
        before, counts = found.inside, dict(found.counts)
        where = found.world.replicas.node.copy()
        found.until(found.t + 5000, bend)
        now = {name: found.counts[name] - counts.get(name, 0) for name in found.counts}
        gone = now["served"] + now["shed"] + now["timed_out"] + now["failed"]
        assert now["arrived"] == gone + found.inside - before
        pods = found.world.replicas
        placed = pods.node >= 0
        assert (placed == (pods.phase > PENDING)).all()
        assert (np.bincount(pods.node[placed], minlength=3) <= 2).all()
        moved = pods.node[pods.node != where]
        assert not np.isin(moved, list(found.world.cluster.cordoned)).any()
    assert phases(found) == [READY] * 4
    assert found.world.cluster.down == {}
    # Nothing hangs for ever where nobody can see it.
    assert found.world.queue.leaves.max(initial=0) < found.t + 60_000
    assert server.inside(found.world.queue, found.t) < 20
