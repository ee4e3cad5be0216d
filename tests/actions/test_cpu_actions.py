"""A build with a lower CPU limit: what ends it, what bridges it, what does nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.lint.possible_series import PossibleSeries
from simulator.setting import Setting, load, parse
from simulator.setting.bind import bind_names
from simulator.source import SourceError
from tests.small.playing import SMALL, query_value, session_after, small_setting

UNLIMITED = SMALL.parents[1] / "oracles" / "training.yaml"


def setting(**more: Any) -> Setting:
    """A third of a core a pod is wanted, and a quarter is allowed from the sixth minute on."""
    sets: dict[str, Any] = {
        "injects": [
            {"at": "6m", "change": "release", "args": {"target": "serving", "build": 9}},
            {"id": "cpu", "at": "6m", "fault": "cpu_throttling", "args": {"build": 9, "factor": 8}},
        ],
        "pipeline.traffic.rate": "12/s",
        **more,
    }
    return small_setting(sets)


@pytest.fixture(scope="module")
def limited() -> Setting:
    return setting()


ERRORS = 'sum(rate(http_requests_total{code!="200"}[5m])) / sum(rate(http_requests_total[5m]))'
THROTTLED = (
    "sum(rate(container_cpu_cfs_throttled_periods_total[5m]))"
    " / sum(rate(container_cpu_cfs_periods_total[5m]))"
)
LIMIT = 'min(kube_pod_container_resource_limits{resource="cpu"})'


def test_a_lower_limit_is_seen_and_a_rollback_ends_it(limited: Setting) -> None:
    nobody = session_after(limited)
    assert [query_value(nobody, THROTTLED, minute) for minute in (5, 30)] == [
        0.0,
        pytest.approx(1.0),
    ]
    assert [query_value(nobody, LIMIT, minute) for minute in (5, 30)] == [2.0, 0.25]
    used = "sum(rate(container_cpu_usage_seconds_total[5m]))"
    assert query_value(nobody, used) == pytest.approx(0.5, rel=0.02)
    assert query_value(nobody, ERRORS, 6) < 0.001
    assert query_value(nobody, ERRORS) > 0.2
    mended = session_after(limited, (12, "rollback", {"target": "serving"}))
    assert query_value(mended, ERRORS) < 0.001
    assert query_value(mended, THROTTLED) == 0.0


def test_a_restart_does_nothing_and_more_replicas_spread_the_demand(limited: Setting) -> None:
    restarted = session_after(limited, (12, "restart", {}))
    assert query_value(restarted, ERRORS) > 0.2
    scaled = session_after(limited, (12, "scale", {"replicas": 4}))
    assert query_value(scaled, ERRORS) < 0.02
    # It still computes only a quarter of every period.
    assert query_value(scaled, THROTTLED) > 0.5


def test_without_a_limit_there_is_none_to_lower_and_no_series() -> None:
    faults = [{"at": "1d", "fault": "cpu_throttling", "args": {"build": 1}}]
    with pytest.raises(
        SourceError, match="the target of cpu_throttling is a cpu, and the pipeline has no"
    ):
        load(UNLIMITED, [f"injects={json.dumps(faults)}"])
    possible = PossibleSeries(bind_names(*parse(UNLIMITED, [])))
    names = {dict(labels)["__name__"] for labels in possible.series}
    assert not [name for name in names if "cfs" in name]
