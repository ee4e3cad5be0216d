"""A node is lost: what brings the pods back, and what does not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from simulator.actions import ACTIONS
from simulator.run.events import EndedEvent, LandedEvent, LineEvent
from simulator.session import Session
from simulator.setting import Setting
from simulator.source import SourceError
from tests.small.playing import (
    action_outcomes,
    debts_owed,
    query_values,
    session_after,
    small_setting,
)

LOSS = {"id": "loss", "at": "6m", "fault": "node_loss", "args": {"node": 0}}


def setting(nodes: int, **args: Any) -> Setting:
    """Two pods, one a node, of which one is lost."""
    return cluster(nodes, {**LOSS, "args": {"node": 0, **args}})


def cluster(nodes: int, *injects: dict[str, Any], memory: str = "1GiB") -> Setting:
    """Two pods, one a node, that are in use for two fifths; one alone is for four."""
    sets: dict[str, Any] = {
        "injects": injects,
        "pipeline.cluster.nodes": nodes,
        "pipeline.cluster.memory": memory,
        "pipeline.cluster.lifecycle": {},
        "pipeline.traffic.rate": "12/s",
        "oncall.teams.data.owns": ["cluster"],
    }
    return small_setting(sets)


READY = "kube_deployment_status_replicas_available"


def test_a_lost_node_is_told_of_and_its_pod_comes_back_elsewhere() -> None:
    session = session_after(setting(3))
    condition = 'kube_node_status_condition{condition="Ready", node="node-0", status="%s"}'
    assert query_values(session, condition % "true", 6.5) == [1.0]
    assert query_values(session, condition % "true", 7) == [0.0]
    assert query_values(session, condition % "unknown", 7) == [1.0]
    assert query_values(session, "kube_node_spec_taint", 7) == [1.0]
    for of_pods in ("container_memory_working_set_bytes", "request_predict_seconds_count"):
        ready_pods = [len(query_values(session, of_pods, minute)) for minute in (6, 6.5, 7)]
        assert ready_pods == [2, 1, 1]
    # Forty seconds, five minutes, twenty seconds, each up to a tick more.
    assert [query_values(session, READY, m) for m in (6.5, 7, 11.5, 12.75)] == [
        [2.0],
        [1.0],
        [1.0],
        [2.0],
    ]
    info = session.internals.engine.query('kube_pod_info{pod=~".*-0"}', 13 * 60_000).first()[0]
    assert info["node"] == "node-2"


def test_without_room_neither_more_pods_nor_a_rollback_help_but_the_owner_does() -> None:
    wrong = session_after(
        setting(2), (8, "scale", {"replicas": 3}), (9, "restart", {}), (10, "rollback", {"target": "model"})
    )  # fmt: skip
    assert query_values(wrong, READY, 29) == [1.0]
    pending = 'sum(kube_pod_status_phase{phase="Pending"})'
    assert query_values(wrong, pending, 29) == [2.0]
    paged = session_after(
        setting(2), (8, "page", {"team": "data", "about": "cluster", "text": "A node!"})
    )
    assert query_values(paged, READY, 29) == [2.0]
    assert [e.why for e in paged.finish().of(EndedEvent)] == ["fact"]


@pytest.mark.parametrize(
    "order", [("restart", {"pods": [0]}), ("scale", {"replicas": 3})], ids=lambda order: order[0]
)
def test_with_room_somebody_is_quicker_than_the_eviction(order: tuple[str, dict[str, Any]]) -> None:
    session = session_after(setting(3), (8, *order))
    assert action_outcomes(session.finish()) == [(order[0], "done")]
    assert query_values(session, READY, 9) == [2.0]


def test_a_node_that_is_not_there_cannot_be_lost() -> None:
    with pytest.raises(SourceError, match=r"node: there is no node 5; the cluster has 3"):
        setting(3, node=5)


CORDONED = "kube_node_spec_unschedulable"
PENDING = 'sum(kube_pod_status_phase{phase="Pending"})'
WRONG = 'sum(http_requests_total{code!="200"})'


def on(session: Session, node: int) -> int:
    """How many pods a node has now."""
    return len(query_values(session, f'kube_pod_info{{node="node-{node}"}}'))


def test_a_cordoned_node_keeps_its_pods_and_gets_no_more() -> None:
    more = (8, "scale", {"replicas": 3})
    free, closed = (
        session_after(cluster(3), *orders, more)
        for orders in ((), [(6, "cordon_node", {"node": "node-2"})])
    )
    assert [on(free, node) for node in range(3)] == [1, 1, 1]
    assert [on(closed, node) for node in range(3)] == [1, 1, 0]
    assert (query_values(free, CORDONED), query_values(closed, CORDONED)) == (
        [0.0] * 3,
        [0.0, 0.0, 1.0],
    )
    assert (query_values(free, PENDING), query_values(closed, PENDING)) == ([0.0], [1.0])
    run = closed.finish()
    lines = [e.text for e in run.of(LineEvent) if "FailedScheduling" in e.text]
    assert lines == [
        "Warning  FailedScheduling  0/3 nodes are available: 1 node(s) were unschedulable, "
        "Insufficient memory"
    ]
    assert "cordoned_nodes" in debts_owed(run)
    kept = session_after(cluster(3), (6, "cordon_node", {"node": 0}))
    assert (on(kept, 0), query_values(kept, READY)) == (1, [2.0])


def test_a_drained_node_loses_its_pods_and_nobody_a_request() -> None:
    drain = (6, "cordon_node", {"node": 0, "drain": True})
    moved = session_after(cluster(3), drain, (12, "cordon_node", {"node": 0, "back": True}))
    assert [on(moved, node) for node in range(3)] == [0, 1, 1]
    assert (query_values(moved, READY), query_values(moved, WRONG)) == ([2.0], [0.0])
    assert query_values(moved, CORDONED, 11) == [1.0, 0.0, 0.0]
    assert query_values(moved, CORDONED) == [0.0] * 3
    run = moved.finish()
    assert (debts_owed(run, 11), debts_owed(run)) == ({"cordoned_nodes"}, set())


def test_where_there_is_no_room_a_drain_waits_and_can_be_undone() -> None:
    drain = (6, "cordon_node", {"node": 0, "drain": True})
    stuck = session_after(cluster(2), drain)
    assert (query_values(stuck, READY), query_values(stuck, PENDING)) == ([1.0], [1.0])
    undone = session_after(cluster(2), drain, (9, "cordon_node", {"node": 0, "back": True}))
    assert (query_values(undone, READY), query_values(undone, PENDING)) == ([2.0], [0.0])


def test_pods_that_a_drain_has_not_evicted_yet_stay_when_it_is_undone() -> None:
    alone = cluster(1, memory="2GiB")
    orders = ({"drain": True}, {"back": True})
    run = session_after(
        alone,
        *((6 + 3 * i, "cordon_node", {"node": 0, **more}) for i, more in enumerate(orders)),
    ).finish()
    assert [e.who[-2:] for e in run.of(LineEvent) if "Killing" in e.text] == ["-0"]


def test_a_restart_that_was_ordered_goes_on_when_a_node_is_put_back() -> None:
    back = (7.5, "cordon_node", {"node": 0, "back": True})
    drain = (6, "cordon_node", {"node": 0, "drain": True})
    # Nothing can be evicted in time: the node is the only one, and a restart takes its turn.
    run = session_after(cluster(1, memory="2GiB"), drain, (7, "restart", {}), back).finish()
    killed = {e.who[-2:] for e in run.of(LineEvent) if "Killing" in e.text}
    assert killed == {"-0", "-1"}


def test_a_lost_node_that_is_drained_gives_its_pod_up_before_the_eviction() -> None:
    session = session_after(setting(3), (8, "cordon_node", {"node": 0, "drain": True}))
    assert [query_values(session, READY, minute) for minute in (8, 9)] == [[1.0], [2.0]]
    assert on(session, 2) == 1


def test_orders_that_say_nothing_new_fail() -> None:
    session = session_after(
        cluster(2),
        (6, "cordon_node", {"node": 0, "back": True}),
        (7, "cordon_node", {"node": 0}),
        (8, "cordon_node", {"node": 0}),
        (9, "cordon_node", {"node": 0, "drain": True}),
    )
    assert [state for _, state in action_outcomes(session.finish())] == [
        "failed",
        "done",
        "failed",
        "done",
    ]
    with pytest.raises(ValidationError, match="give one of them"):
        ACTIONS.get("cordon_node").model_validate({"node": 0, "drain": True, "back": True})


NOISE = {"id": "noise", "at": "6m", "fault": "noisy_neighbour", "args": {"node": 0, "factor": 6}}
PREDICT = "rate(request_predict_seconds_sum[5m]) / rate(request_predict_seconds_count[5m])"
MEAN = "rate(http_request_duration_seconds_sum[5m]) / rate(http_request_duration_seconds_count[5m])"
DRAIN = (12, "cordon_node", {"node": 0, "drain": True})


@pytest.fixture(scope="module")
def noisy() -> Setting:
    return cluster(3, NOISE)


def seconds(session: Session, minute: float | None = None) -> float:
    """What a request takes on average."""
    return query_values(session, MEAN, minute)[0]


def test_a_noisy_neighbour_slows_the_pods_of_its_node_and_no_others(noisy: Setting) -> None:
    nobody = session_after(noisy)
    slow, usual = sorted(query_values(nobody, PREDICT), reverse=True)
    assert slow > 5 * usual
    assert sorted(query_values(nobody, PREDICT, 6))[-1] < 1.2 * usual
    assert seconds(nobody) > 2.2 * seconds(nobody, 6)
    answers = query_values(nobody, 'http_requests_total{code="200"}')
    assert query_values(nobody, "sum(request_predict_seconds_count)") == answers
    by_node = f"({PREDICT}) * on (namespace, pod) group_left(node) kube_pod_info"
    slowest_pod = nobody.internals.engine.query(f"topk(1, {by_node})", nobody.now).first()[0]
    assert slowest_pod["node"] == "node-0"
    (landed,) = nobody.finish().of(LandedEvent)
    assert landed.name == "noisy_neighbour"


def test_a_drain_and_the_owner_end_the_noise(noisy: Setting) -> None:
    drained = session_after(noisy, DRAIN)
    assert seconds(drained) < 1.2 * seconds(drained, 6)
    assert len(query_values(drained, PREDICT)) == 2
    mended = session_after(
        noisy, (12, "page", {"team": "data", "about": "cluster", "text": "A tenant!"})
    )
    assert seconds(mended) < 1.2 * seconds(mended, 6)
    assert [e.why for e in mended.finish().of(EndedEvent)] == ["fact"]


@pytest.mark.parametrize(
    "order", [("rollback", {"target": "model"}), ("restart", {"pods": [0]})], ids=lambda pod: pod[0]
)
def test_a_rollback_does_nothing_and_a_pod_comes_back_to_its_noise(
    noisy: Setting, order: tuple[str, dict[str, Any]]
) -> None:
    wrong = session_after(noisy, (12, *order))
    assert on(wrong, 0) == 1
    assert seconds(wrong) > 2.2 * seconds(wrong, 6)


def test_more_replicas_elsewhere_dilute_the_noise(noisy: Setting) -> None:
    more = session_after(noisy, (12, "scale", {"replicas": 3}))
    assert 1.2 * seconds(more, 6) < seconds(more) < 0.95 * seconds(session_after(noisy))


def test_pods_are_told_apart_only_where_nodes_are(quiet: Setting) -> None:
    assert len(query_values(session_after(quiet), PREDICT)) == 1
