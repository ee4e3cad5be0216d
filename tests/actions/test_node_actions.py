"""A node is lost: what brings the pods back, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.setting import Setting
from simulator.source import SourceError
from tests.small.story import actions, bound, left, values

LOSS = {"id": "loss", "at": "6m", "fault": "node_loss", "args": {"node": 0}}


def setting(nodes: int, **args: Any) -> Setting:
    """Two pods, one a node, that are in use for two fifths; one alone is for four."""
    sets: dict[str, Any] = {
        "injects": [{**LOSS, "args": {"node": 0, **args}}],
        "pipeline.cluster.nodes": nodes,
        "pipeline.cluster.memory": "1GiB",
        "pipeline.cluster.lifecycle": {},
        "pipeline.traffic.rate": "12/s",
        "oncall.teams.data.owns": ["cluster"],
    }
    return bound(sets)


READY = "kube_deployment_status_replicas_available"


def test_a_lost_node_is_told_of_and_its_pod_comes_back_elsewhere() -> None:
    session = left(setting(3))
    condition = 'kube_node_status_condition{node="node-0", status="%s"}'
    assert values(session, condition % "true", 6.5) == [1.0]
    assert values(session, condition % "true", 7) == [0.0]
    assert values(session, condition % "unknown", 7) == [1.0]
    assert values(session, "kube_node_spec_taint", 7) == [1.0]
    memory = "count(container_memory_working_set_bytes)"
    assert [values(session, memory, minute) for minute in (6, 7)] == [[2.0], [1.0]]
    # Forty seconds, five minutes, twenty seconds, each up to a tick more.
    assert [values(session, READY, m) for m in (6.5, 7, 11.5, 12.75)] == [
        [2.0],
        [1.0],
        [1.0],
        [2.0],
    ]
    info = session._engine.query('kube_pod_info{pod=~".*-0"}', 13 * 60_000).first()[0]
    assert info["node"] == "node-2"


def test_without_room_neither_more_pods_nor_a_rollback_help_but_the_owner_does() -> None:
    wrong = left(
        setting(2), (8, "scale", {"replicas": 3}), (9, "restart", {}), (10, "rollback", {"target": "model"})
    )  # fmt: skip
    assert values(wrong, READY, 29) == [1.0]
    pending = 'sum(kube_pod_status_phase{phase="Pending"})'
    assert values(wrong, pending, 29) == [2.0]
    paged = left(setting(2), (8, "page", {"team": "data", "about": "cluster", "text": "A node!"}))
    assert values(paged, READY, 29) == [2.0]
    assert [e.data["why"] for e in paged.finish().of("ended")] == ["fact"]


@pytest.mark.parametrize(
    "order", [("restart", {"pods": [0]}), ("scale", {"replicas": 3})], ids=lambda order: order[0]
)
def test_with_room_somebody_is_quicker_than_the_eviction(order: tuple[str, dict[str, Any]]) -> None:
    session = left(setting(3), (8, *order))
    assert actions(session.finish()) == [(order[0], "done")]
    assert values(session, READY, 9) == [2.0]


def test_a_node_that_is_not_there_cannot_be_lost() -> None:
    with pytest.raises(SourceError, match=r"node: there is no node 5; the cluster has 3"):
        setting(3, node=5)
