"""A quota that others have used up: pods are not made though the nodes have room."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.setting import Setting
from simulator.source import SourceError
from tests.small.playing import query_value, session_after, small_setting

TAKEN = {"id": "taken", "at": "6m", "fault": "quota_exhausted"}
MORE = {"id": "more", "at": "8m", "fault": "overload", "args": {"rate": "80/s"}}


def setting(**more: Any) -> Setting:
    """From the eighth minute on two pods are too few, and four would do."""
    sets: dict[str, Any] = {
        "injects": [TAKEN, MORE],
        "oncall.teams.data.owns": ["quota"],
        "duration": "32m",
        **more,
    }
    return small_setting(sets)


@pytest.fixture(scope="module")
def taken() -> Setting:
    return setting()


READY = "kube_deployment_status_replicas_available"
ERRORS = 'sum(rate(http_requests_total{code!="200"}[5m])) / sum(rate(http_requests_total[5m]))'
QUOTA = 'kube_resourcequota{resource="%s", type="%s"}'
SCALE = (12, "scale", {"replicas": 4})


def test_pods_beyond_the_quota_are_not_made_until_its_owner_has_been_called(
    taken: Setting,
) -> None:
    wrong = session_after(
        taken, SCALE, (16, "scale", {"replicas": 2}), (18, "scale", {"replicas": 4})
    )
    assert [query_value(wrong, QUOTA % ("pods", kind), 5) for kind in ("hard", "used")] == [4, 2]
    assert [query_value(wrong, QUOTA % ("pods", "used"), minute) for minute in (7, 32)] == [4, 4]
    assert query_value(wrong, QUOTA % ("requests.memory", "used")) == 6 * 2**30
    assert query_value(wrong, READY) == 2
    assert query_value(wrong, 'sum(kube_pod_status_phase{phase="Pending"})') == 0
    assert query_value(wrong, ERRORS) > 0.2
    refusals = [e for e in wrong.log.events if e.kind == "line" and "FailedCreate" in e.text]
    # Each of the two pods, each time that it is asked for.
    assert len(refusals) == 4
    assert refusals[0].text.endswith(
        "exceeded quota: quota, requested: pods=1, used: pods=4, limited: pods=4"
    )
    call = (14, "page", {"team": "data", "about": "quota", "text": "We need our pods."})
    right = session_after(taken, SCALE, call)
    assert query_value(right, READY) == 4
    assert query_value(right, ERRORS) < 0.02
    assert [e.why for e in right.log.events if e.kind == "ended"] == ["fact"]


def test_the_owner_alone_adds_no_pods(taken: Setting) -> None:
    called = session_after(taken, (14, "page", {"team": "data", "about": "quota", "text": "Ours?"}))
    assert query_value(called, READY) == 2
    assert query_value(called, ERRORS) > 0.2


def test_pods_that_are_there_stay_and_can_be_replaced(taken: Setting) -> None:
    session = session_after(taken, (12, "restart", {}))
    assert query_value(session, READY, 11) == query_value(session, READY) == 2


def test_memory_counts_as_pods_do() -> None:
    drill_setting = setting(**{"injects": [MORE], "pipeline.cluster.quota.memory": "3GiB"})
    session = session_after(drill_setting, SCALE)
    assert query_value(session, READY) == 3
    lines = [e.text for e in session.log.events if e.kind == "line"]
    why = "requested: requests.memory=1Gi, used: requests.memory=3Gi, limited: requests.memory=3Gi"
    assert any(text.endswith(why) for text in lines)


def test_the_pods_of_the_start_are_inside_the_quota() -> None:
    with pytest.raises(SourceError, match=r"quota.pods: given 1, but serving begins with 2 repl"):
        setting(**{"pipeline.cluster.quota.pods": 1})
    with pytest.raises(SourceError, match=r"'1GiB', but serving begins with 2 replicas of 1GiB"):
        setting(**{"pipeline.cluster.quota": {"memory": "1GiB"}})
