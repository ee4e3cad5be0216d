"""Pods on nodes: placement, scale and rolling updates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.cluster import deployment, memory
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving.attempts import DETACHED
from simulator.pipeline.world import ABSENT, BACKOFF, PENDING, READY, STARTING, World
from tests.pipeline.model_server import ServerRun, laws, serving_world


def phases(world: World) -> list[int]:
    return [int(phase) for phase in world.replicas.phase]


def test_pods_go_to_the_node_with_the_largest_free_share() -> None:
    even = serving_world(laws(), nodes=(3e9, 3e9))
    assert even.replicas.node.tolist() == [0, 1, 0, 1]
    world = serving_world(laws(), nodes=(1e9, 2.4e9))
    assert world.replicas.node.tolist() == [1, 1, 0, 1]
    with pytest.raises(ValueError, match="4 replicas of 8e\\+08 bytes do not fit"):
        serving_world(laws(), nodes=(1e9, 2e9))


def test_new_replicas_start_or_stay_pending_without_room() -> None:
    world, params = serving_world(laws(), wanted=2, nodes=(2.5e9,)), laws()
    world.cluster.desired_replicas = 4
    sample = Sample(0, 5000)
    deployment.step(world, params, sample)
    assert phases(world) == [READY, READY, STARTING, PENDING]
    assert sample.notes[-1][2].endswith("0/1 nodes are available: Insufficient memory")

    world.cluster.desired_replicas = 1  # gives room, but takes the highest
    deployment.step(world, params, Sample(5000, 5000))
    assert phases(world) == [READY, ABSENT, ABSENT, ABSENT]
    world.cluster.desired_replicas = 3
    for t in (10_000, 40_000):
        deployment.step(world, params, Sample(t, 5000))
    assert phases(world) == [READY, READY, READY, ABSENT]
    assert world.replicas.ready_at[2] == 40_000


def test_a_removed_pod_finishes_its_requests() -> None:
    day = ServerRun(laws(rate=80.0, service_ms=900.0, timeout_ms=20_000.0, retries=0)).until(10_000)
    day.world.cluster.desired_replicas = 2
    before = np.count_nonzero(day.world.queue.slot >= 2)
    deployment.step(day.world, day.params, Sample(10_000, 1))
    assert before == np.count_nonzero(day.world.queue.slot == DETACHED) > 0
    day.until(40_000)
    assert day.counts["failed"] == 0
    assert not (day.world.queue.slot == DETACHED).any()


def test_a_rolling_update_takes_one_pod_at_a_time() -> None:
    day = ServerRun(laws(start_up_ms=10_000)).until(5000)
    day.world.cluster.build = 2
    ready = []
    while day.t < 60_000:
        day.until(day.t + 5000)
        ready.append(phases(day.world).count(READY))
    assert ready[:8] == [3] * 8  # four pods of 10 s each, one after another
    assert ready[8:] == [4] * 3
    assert day.world.replicas.build.tolist() == [2] * 4
    assert day.world.replicas.node.tolist() == [0] * 4


def test_a_rolling_update_replaces_unready_pods_at_once() -> None:
    params = laws()
    world = serving_world(params)
    world.replicas.ready_at[2] = 0  # not long ago
    for t in (0, 5000):
        memory.kill(world, params, 2, t, Sample(t, 5000))
    assert phases(world)[2] == BACKOFF
    world.cluster.build = 2
    deployment.step(world, params, Sample(10_000, 5000))
    assert phases(world) == [READY, READY, STARTING, READY]
    assert (world.replicas.build[2], world.replicas.restarts[2]) == (2, 0)


def test_a_rolling_restart_keeps_the_build_and_empties_the_memory() -> None:
    day = ServerRun(laws(start_up_ms=5000))
    day.world.replicas.leaked[:] = 300e6
    day.world.cluster.restart_pending[:] = True
    day.until(30_000)
    assert not day.world.cluster.restart_pending.any()
    assert (day.world.replicas.leaked == 0).all()
    assert (day.world.replicas.restarts == 0).all()


def test_initial_pods_are_warm_after_any_history() -> None:
    world = serving_world(laws())
    for t in (-14 * 86_400_000, 0):
        params = laws(warm_up_ms=30_000, warm_up_factor=5.0)
        deployment.step(world, params, Sample(t, 5000))
        assert (params.bends.speed == 1.0).all()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "wanted": st.integers(0, 6),
                "build": st.integers(1, 3),
                "restart": st.integers(0, 5),
                "kill": st.integers(0, 5),
            },
        ),
        min_size=1,
        max_size=12,
    )
)
def test_rollouts_keep_their_bounds_and_reach_the_desired_state(
    wishes: list[dict[str, Any]],
) -> None:
    params = laws(slots=6, start_up_ms=7000)
    world, t = serving_world(params, nodes=(2.5e9, 2.5e9)), 0
    for wish in [*wishes, *[{}] * 30]:
        world.cluster.desired_replicas = wish.get("wanted", world.cluster.desired_replicas)
        world.cluster.build = wish.get("build", world.cluster.build)
        if "restart" in wish:
            world.cluster.restart_pending[wish["restart"]] = True
        if "kill" in wish and world.replicas.phase[wish["kill"]] == READY:
            memory.kill(world, params, wish["kill"], t, Sample(t, 5000))
        deployment.step(world, params, Sample(t, 5000))
        pods, placed = world.replicas, world.replicas.node >= 0
        assert (np.bincount(pods.node[placed], minlength=2) * 800e6 <= 2.5e9).all()
        assert (placed == (pods.phase > PENDING)).all()
        assert (pods.phase[world.cluster.desired_replicas :] == ABSENT).all()
        t += 30_000
    assert phases(world) == [READY] * world.cluster.desired_replicas + [ABSENT] * (
        6 - world.cluster.desired_replicas
    )
    assert (pods.build[: world.cluster.desired_replicas] == world.cluster.build).all()
    assert not world.cluster.restart_pending.any()
