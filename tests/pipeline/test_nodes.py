"""Silent nodes: hanging requests, eviction, no room, and a node that comes back."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.bends import FaultyNode
from simulator.pipeline.laws import Params
from simulator.pipeline.serving import server
from simulator.pipeline.world import LOST, PENDING, READY, STARTING, World
from tests.pipeline.model_server import ServerRun, laws, serving_world

ROOM = 1.7e9  # for two pods


def day(nodes: int, **changes: Any) -> ServerRun:
    """Four pods, two and two on the first two nodes."""
    nodes_day = ServerRun(laws(start_up_ms=10_000, **changes))
    nodes_day.world = serving_world(nodes_day.params, 4, (ROOM,) * nodes)
    nodes_day.world.replicas.node[:] = (0, 0, 1, 1)
    return nodes_day


def without(*nodes: int, since: int, until: int = 10**9) -> Any:
    def bend(params: Params, world: World, t: int) -> None:
        if since <= t < until:
            params.bends.nodes_down += [FaultyNode("loss", node) for node in nodes]

    return bend


def phases(simulated: ServerRun) -> list[int]:
    return [int(phase) for phase in simulated.world.replicas.phase]


def test_requests_in_service_are_lost_at_once() -> None:
    simulated = day(2, timeout_ms=60_000.0, retries=0).until(10_000)
    lost = int(np.isin(simulated.world.queue.slot, (2, 3)).sum())
    simulated.until(15_000, without(1, since=10_000))
    assert lost > 0
    assert (simulated.counts["failed"], simulated.samples[-1].hits) == (lost, {"loss": 2})


def test_requests_hang_until_the_node_is_declared_lost() -> None:
    gone = without(1, since=10_000)
    simulated = day(2, rate=10.0, retries=0).until(45_000, gone)
    # Ready as far as anybody knows: each holds as many requests as it takes, for nothing.
    assert phases(simulated) == [READY] * 4
    assert np.bincount(simulated.world.queue.slot[simulated.world.queue.slot >= 0])[
        2:
    ].tolist() == [4, 4]
    assert simulated.counts["timed_out"] == 8
    simulated.until(55_000, gone)
    assert phases(simulated) == [READY, READY, LOST, LOST]
    assert not np.isin(simulated.world.queue.slot, (2, 3)).any()


def test_evicted_pods_are_created_again_where_there_is_room() -> None:
    gone = without(1, since=10_000)
    simulated = day(3).until(350_000, gone)
    assert phases(simulated) == [READY, READY, LOST, LOST]
    simulated.until(355_000, gone)
    assert phases(simulated) == [READY, READY, STARTING, STARTING]
    assert simulated.world.replicas.node.tolist() == [0, 0, 2, 2]
    notes = [text for sample in simulated.samples for _, _, text in sample.notes]
    assert "Node node-1 status is now: NodeNotReady" in notes
    assert sum("TaintManagerEviction" in text for text in notes) == 2
    assert phases(simulated.until(365_000, gone)) == [READY] * 4


def test_without_room_evicted_pods_are_pending_until_the_node_is_back() -> None:
    gone = without(1, since=10_000, until=600_000)
    simulated = day(2).until(600_000, gone)
    assert phases(simulated) == [READY, READY, PENDING, PENDING]
    message = [text for sample in simulated.samples for _, _, text in sample.notes][-1]
    assert "1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, Insuff" in message
    assert phases(simulated.until(615_000, gone)) == [READY] * 4
    assert simulated.world.replicas.node.tolist() == [0, 0, 1, 1]


def test_a_node_that_is_back_in_time_starts_its_containers_again() -> None:
    simulated = day(2).until(60_000, without(1, since=10_000, until=60_000))
    assert phases(simulated) == [READY, READY, LOST, LOST]
    simulated.until(65_000)
    assert phases(simulated) == [READY, READY, STARTING, STARTING]
    assert simulated.world.replicas.restarts.tolist() == [0, 0, 1, 1]
    assert phases(simulated.until(75_000)) == [READY] * 4


def test_a_pod_on_an_undetected_dead_node_never_starts() -> None:
    gone = without(1, since=10_000)
    simulated = ServerRun(laws(start_up_ms=10_000))
    simulated.world = serving_world(simulated.params, 3, (ROOM,) * 2)
    simulated.until(20_000, gone)
    simulated.world.cluster.desired_replicas = 4
    simulated.until(45_000, gone)
    assert (phases(simulated)[3], simulated.world.replicas.node[3]) == (STARTING, 1)
    assert phases(simulated.until(55_000, gone)) == [READY, LOST, READY, LOST]


def test_deleting_pods_by_hand_replaces_them_sooner() -> None:
    gone = without(1, since=10_000)
    simulated = day(3).until(60_000, gone)
    assert phases(simulated) == [READY, READY, LOST, LOST]
    simulated.world.cluster.restart_pending[2:] = True
    simulated.until(75_000, gone)
    assert phases(simulated) == [READY] * 4
    assert simulated.world.replicas.node.tolist() == [0, 0, 2, 2]


def test_a_pod_deleted_before_its_node_is_declared_lost_serves_no_request() -> None:
    gone = without(1, since=10_000)
    simulated = day(3, rate=10.0, retries=0).until(30_000, gone)
    simulated.world.cluster.desired_replicas = 2
    failed = simulated.counts["failed"]
    simulated.until(35_000, gone)
    assert not (simulated.world.queue.leaves > 1e9).any()
    # The clients of those that hung have gone already.
    assert simulated.counts["failed"] <= failed + 2


def test_a_leak_ends_with_its_process() -> None:
    simulated = day(2)
    simulated.world.replicas.leaked[:] = 100e6
    bend, pods = without(1, since=10_000, until=60_000), simulated.world.replicas
    for end in (15_000, 30_000, 60_000):
        simulated.until(end, bend)
        # Nobody knows it yet, or everybody does: the machine is off.
        assert (pods.resident[2:] == 0).all()
        assert (pods.leaked == [100e6, 100e6, 0, 0]).all()
    simulated.until(70_000)
    assert phases(simulated) == [READY, READY, STARTING, STARTING]
    assert (pods.resident[2:] == 400e6).all()


# A node, from which tick on, for how many.
spells = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 100), st.integers(1, 100)), max_size=4
)


@settings(max_examples=12, deadline=None)
@given(
    spells,
    spells,
    st.integers(1, 3),
)
def test_silent_and_drained_nodes_conserve_requests_and_pods_return(
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

    simulated = day(3, rate=20.0, retries=retries)
    while simulated.t < 1_100_000:
        before, counts = simulated.inside, dict(simulated.counts)
        where = simulated.world.replicas.node.copy()
        simulated.until(simulated.t + 5000, bend)
        now = {name: simulated.counts[name] - counts.get(name, 0) for name in simulated.counts}
        gone = now["served"] + now["shed"] + now["timed_out"] + now["failed"]
        assert now["arrived"] == gone + simulated.inside - before
        pods = simulated.world.replicas
        placed = pods.node >= 0
        assert (placed == (pods.phase > PENDING)).all()
        assert (np.bincount(pods.node[placed], minlength=3) <= 2).all()
        moved = pods.node[pods.node != where]
        assert not np.isin(moved, list(simulated.world.cluster.cordoned)).any()
    assert phases(simulated) == [READY] * 4
    assert simulated.world.cluster.down == {}
    # Nothing hangs for ever where nobody can see it.
    assert simulated.world.queue.leaves.max(initial=0) < simulated.t + 60_000
    assert server.inside(simulated.world.queue, simulated.t) < 20
