"""Larger pods and more nodes for the model server."""

import numpy as np
import pytest

from simulator.actions import ACTIONS, ActionFailed
from simulator.run.events import ActionEvent, LineEvent
from simulator.session import Session
from tests.small.playing import (
    MINUTE,
    action_outcomes,
    debts_owed,
    play_orders,
    query_value,
    query_values,
    session_after,
)

LEAK = {"at": "2m", "fault": "memory_leak", "args": {"build": 8, "per_second": "2MiB"}}
KILLS = "sum(kube_pod_container_status_restarts_total)"


def first_kill(setting, *orders):
    """The time of the first restart, minutes."""
    session = session_after(setting, *orders)
    minutes = np.arange(2, 30, 0.25)
    restarts = np.array([query_value(session, KILLS, minute) for minute in minutes])
    return minutes[restarts > 0][0]


def test_a_pod_of_twice_the_memory_crashes_twice_as_late(drill):
    """t = (limit - base) / rate, from the start of each pod; 600 MiB are the base."""
    setting = drill(LEAK)
    assert first_kill(setting) == pytest.approx(2 + (1024 - 600) / 2 / 60, abs=0.5)
    resized = first_kill(setting, (2, "resize_pods", {"memory": "1.5GiB"}))
    # The second pod is replaced when the first is ready, 20 s after the order's 10 s.
    assert resized == pytest.approx(2.5 + (1536 - 600) / 2 / 60, abs=0.75)


def test_pods_are_replaced_one_by_one_and_keep_their_own_limits(drill):
    session = session_after(drill(tick="5s"), (10, "resize_pods", {"memory": "1.5GiB"}))
    limits = "kube_pod_container_resource_limits{resource='memory'}"
    assert query_values(session, limits, 10) == [2**30, 2**30]
    assert sorted(query_values(session, limits, 10.5)) == [2**30, 1.5 * 2**30]
    assert query_values(session, limits, 15) == [1.5 * 2**30, 1.5 * 2**30]
    assert (
        query_value(session, "min_over_time(sum(kube_pod_container_status_ready)[5m:15s])", 15) == 1
    )


def test_a_resize_beyond_the_quota_waits(drill):
    """The quota of 6 GiB has room for one pod of 4 GiB: the rollout hangs at the second."""
    run = play_orders(
        drill(), (10, "resize_pods", {"memory": "4GiB"}), (20, "resize_pods", {"lift": True})
    )
    assert [state for _, state in action_outcomes(run)] == ["done", "done"]
    refusals = [e.t / MINUTE for e in run.of(LineEvent) if "exceeded quota" in e.text]
    assert 10 < min(refusals) < 13
    assert max(refusals) < 21
    assert "larger_pods" in debts_owed(run, 15)
    assert "larger_pods" not in debts_owed(run)


@pytest.mark.parametrize(
    ("args", "why"),
    [
        ({"memory": "9GiB"}, "no node has more than 4GiB"),
        ({"memory": "100MiB"}, "a process without requests holds 600MiB"),
        ({"memory": "2GiB", "request": "3GiB"}, "the request is above the limit"),
        ({"accelerator": "80GiB"}, "the pods have no accelerator"),
        ({"memory": "1GiB"}, "the pods have these limits already"),
    ],
)
def test_limits_that_no_pod_can_have(drill, args, why):
    run = play_orders(drill(duration="12m"), (6, "resize_pods", args))
    notes = [e.note for e in run.of(ActionEvent) if e.state == "failed"]
    assert len(notes) == 1
    assert why in notes[0]


def test_a_request_holds_until_it_is_changed(drill):
    run = play_orders(
        drill(),
        (5, "resize_pods", {"memory": "2GiB", "request": "1GiB"}),
        (10, "resize_pods", {"cpu": 4}),
        (15, "resize_pods", {"memory": "3GiB"}),
    )
    assert [e.note for e in run.of(ActionEvent) if e.state == "done"] == [
        "memory 1GiB -> 2GiB; 2 pods to replace",
        "cpu 2 cores -> 4 cores; 2 pods to replace",
        "memory 2GiB -> 3GiB, request 1GiB -> 3GiB; 2 pods to replace",
    ]


def test_a_serving_pool_has_limits_of_its_own(drill):
    pools = {"standby": {"replicas": 1, "replicas_max": 4, "nodes": 2}}
    setting = drill(pipeline__stages__serving__pools=pools)
    larger = {"memory": "2GiB", "serving_pool": "standby"}
    session = session_after(setting, (5, "resize_pods", larger))
    limits = "kube_pod_container_resource_%s{resource='memory', pod=~'.*%s'}"
    for of, pods, minute, size in (
        ("limits", "standby.*", 5, 1),
        ("limits", "standby.*", 10, 2),
        ("requests", "standby.*", 10, 2),
        ("requests", "small-predictor.*", 10, 1),
    ):
        assert set(query_values(session, limits % (of, pods), minute)) == {size * 2**30}
    assert "larger_pods" in debts_owed(session.finish())


def test_doubled_limits_fill_the_node(drill):
    """Two pods, one node of 2.5 GiB: which is full long before their limits."""
    cluster = {"nodes": 1, "memory": "2.5GiB", "lifecycle": {}}
    session = session_after(
        drill(LEAK, tick="5s", **{f"pipeline__cluster__{key}": cluster[key] for key in cluster}),
        (1, "resize_pods", {"memory": "2GiB", "request": "1GiB"}),
    )
    run = session.finish()
    evicted = [e.t / MINUTE for e in run.of(LineEvent) if "low on resource: memory" in e.text]
    assert evicted[0] == pytest.approx(2 + (2560 - 2 * 600) / (2 * 2) / 60, abs=0.5)
    short = "kube_node_status_condition{condition='MemoryPressure', status='true'}"
    assert query_values(session, short, evicted[0] - 0.5) == [0]
    assert query_values(session, short, evicted[0] + 0.5) == [1]
    assert query_values(session, "kube_node_status_allocatable", 2) == [2.5 * 2**30]


def test_a_higher_cpu_limit_ends_throttling(drill):
    cut = {"at": "2m", "fault": "cpu_throttling", "args": {"build": 8, "factor": 40}}
    session = session_after(drill(cut), (15, "resize_pods", {"cpu": 80}))
    throttled = "sum(rate(container_cpu_cfs_throttled_periods_total[3m]))"
    assert query_value(session, throttled, 14) > 1
    assert query_value(session, throttled, 25) == 0


NODE = {"pipeline__cluster__nodes_max": 3, "pipeline__cluster__provisioning": "3m"}
PENDING = "sum(kube_pod_status_phase{phase='Pending'})"


def test_pending_pods_are_scheduled_on_a_new_node(drill):
    """Pods of 2.5 GiB: one a node, so the third waits for the third node."""
    setting = drill(**NODE, pipeline__cluster__quota={"pods": 9}, pipeline__cluster__lifecycle={})
    session = session_after(
        setting,
        (2, "resize_pods", {"memory": "2.5GiB"}),
        (8, "scale", {"replicas": 3}),
        (10, "add_node", {}),
        (20, "scale", {"replicas": 2}),
        (21, "add_node", {"back": True}),
    )
    assert query_value(session, PENDING, 12) == 1
    assert query_value(session, PENDING, 14) == 0
    ready = "count(kube_node_status_condition{condition='Ready',status='true'} == 1)"
    assert [query_value(session, ready, t) for t in (12, 14, 29)] == [2, 3, 2]


def test_the_quota_of_machines_refuses_a_node(drill):
    run = play_orders(
        drill(**NODE), (4, "add_node", {"back": True}), (5, "add_node", {}), (15, "add_node", {})
    )
    assert [state for _, state in action_outcomes(run)] == ["failed", "done", "failed"]
    notes = [e.note for e in run.of(ActionEvent) if e.state == "failed"]
    assert notes == [
        "no node was added",
        "the quota of machines allows 3 nodes (cluster.nodes_max)",
    ]
    assert "extra_nodes" in debts_owed(run)


def test_a_node_that_is_not_the_last_any_more_stays(quiet):
    site = Session(quiet, 1).site("ml", 1)
    cluster = site.world.cluster
    cluster.node_memory = np.append(cluster.node_memory, 4e9)
    returning = ACTIONS.get("add_node").model_validate({"back": True}).act(site)
    next(returning)
    cluster.node_memory = np.append(cluster.node_memory, 4e9)
    with pytest.raises(ActionFailed, match="node-2 is not the last"):
        next(returning)
    assert (len(cluster.node_memory), cluster.cordoned, cluster.draining) == (4, set(), set())


def test_a_node_whose_pods_find_no_room_is_not_returned(drill):
    """Pods of 2.5 GiB, one a node: three need three nodes."""
    session = session_after(
        drill(**NODE, pipeline__cluster__quota={"pods": 9}, tick="5s"),
        (2, "resize_pods", {"memory": "2.5GiB"}),
        (5, "add_node", {}),
        (10, "scale", {"replicas": 3}),
        (15, "add_node", {"back": True}),
        (20, "scale", {"replicas": 2}),
        (21, "add_node", {"back": True}),
    )
    run = session.finish()
    assert [e.note for e in run.of(ActionEvent) if e.action == "add_node" and e.ends] == [
        "nodes 2 -> 3: node-2 is ready",
        "1 pod of node-2 without room elsewhere",
        "nodes 3 -> 2: node-2 is returned",
    ]
    assert not session.internals.world.cluster.cordoned
