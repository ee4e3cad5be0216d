"""Failing over and shifting traffic: what it escapes, what it does not, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from simulator.actions import ACTIONS
from simulator.run.events import ActionEvent
from simulator.session import Session
from simulator.setting import Setting
from simulator.source import SourceError
from tests.small.playing import (
    MINUTE,
    action_outcomes,
    debts_owed,
    play_orders,
    query_value,
    query_values,
    sample_bytes,
    session_after,
    small_setting,
)

STANDBY = {"replicas_max": 4, "nodes": 2, "build": 7, "warm_up": {"lasts": "1m", "factor": 3}}
FAIL_OVER = (8, "fail_over", {"to": "standby"})
SLOW = {"id": "it", "at": "6m", "fault": "slow_build", "args": {"build": 8, "factor": 8}}
STORE = {**SLOW, "fault": "slow_dependency", "target": "store", "args": {"factor": 40}}
# Faults of the main pool's builds and nodes; a node is missed for the minutes until others start.
ESCAPABLE = [
    SLOW,
    {**SLOW, "fault": "node_loss", "args": {"node": 0}},
    *(
        pytest.param(fault, marks=pytest.mark.slow)
        for fault in (
            {**SLOW, "fault": "bad_answers", "args": {"build": 8, "share": 0.9}},
            {**SLOW, "fault": "memory_leak", "args": {"build": 8, "per_second": "40MiB"}},
            {**SLOW, "fault": "noisy_neighbour", "args": {"node": 0, "factor": 30}},
        )
    ),
]


def setting(*injects: Mapping[str, Any], rate: str = "34/s", **standby: Any) -> Setting:
    """Fourteen minutes of the small drill with a cold standby, at more than half its capacity."""
    return small_setting({
        "injects": injects,
        "duration": "14m",
        "hold": "1m",
        "pipeline.traffic.rate": rate,
        "pipeline.cluster.lifecycle": {},
        "pipeline.stages.serving.pools": {"standby": {**STANDBY, **standby}},
    })  # fmt: skip


def good_share(session: Session, minutes: str = "[2m]") -> float:
    """The share of the requests of the last minutes that were answered."""
    return query_value(
        session,
        f'sum(rate(http_requests_total{{code="200"}}{minutes}))'
        f" / sum(rate(http_requests_total{minutes}))",
    )


def p95(session: Session) -> float:
    """The 95th percentile of the answers of the last two minutes, seconds."""
    buckets = "sum by (le) (rate(http_request_duration_seconds_bucket[2m]))"
    return query_value(session, f"histogram_quantile(0.95, {buckets})")


@pytest.mark.parametrize("fault", ESCAPABLE, ids=lambda fault: str(fault["fault"]))
def test_failing_over_escapes_what_bites_on_the_main_pool(fault: Mapping[str, Any]) -> None:
    bad = setting(fault) if fault["fault"] != "node_loss" else setting({**fault, "at": "7m"})
    nobody, fled = session_after(bad), session_after(bad, FAIL_OVER)
    assert good_share(nobody) < 0.95
    assert good_share(fled) == 1.0
    assert p95(fled) < 0.3


def test_a_slow_dependency_is_not_escaped() -> None:
    assert good_share(session_after(setting(STORE), FAIL_OVER)) < 0.2


def test_a_standby_starts_cold_and_its_pods_have_series() -> None:
    session = session_after(setting(), FAIL_OVER)
    sent = 'sum(rate(istio_requests_total{destination_workload="small%s-predictor"}[30s]))'
    assert [query_value(session, sent % "-standby", m) for m in (8, 9.5)] == [
        0.0,
        pytest.approx(34, rel=0.2),
    ]
    assert query_value(session, sent % "", 9.5) == 0.0
    ready = 'kube_deployment_status_replicas_available{deployment="small-standby-predictor"}'
    assert [query_value(session, ready, m) for m in (8, 9)] == [0.0, 2.0]
    memory = 'container_memory_working_set_bytes{pod=~"small-standby-predictor-.*"}'
    assert len(query_values(session, memory, 9)) == 2
    slots = 'ml_serving_slots_total{deployment="small-standby-predictor"}'
    assert [query_value(session, slots, m) for m in (8, 9)] == [0.0, 4.0]
    pods = 'request_predict_seconds_count{pod=~"small-standby-predictor-.*"}'
    assert len(query_values(session, pods, 9)) == 2
    nodes = 'kube_node_status_condition{condition="Ready", node=~"standby-.*", status="true"}'
    assert query_values(session, nodes, 9) == [1.0, 1.0]
    cold, warm = (
        query_value(
            session,
            "sum(rate(request_predict_seconds_sum[30s]))"
            " / sum(rate(request_predict_seconds_count[30s]))",
            minute,
        )
        for minute in (9.25, 12)
    )
    assert cold > 2 * warm


@pytest.mark.slow
def test_a_bad_build_bites_in_every_pool_that_runs_it() -> None:
    skew = {**SLOW, "fault": "serving_skew", "args": {"build": 8, "feature": "x1", "factor": -1}}
    right = {}
    for build in (7, 8):
        run = session_after(setting(skew, build=build), FAIL_OVER).finish()
        right[build] = run.truth["accuracy"][-1]
    assert right[7] - right[8] > 0.05
    assert good_share(session_after(setting(SLOW, build=8), FAIL_OVER)) < 0.2


def test_traffic_for_an_empty_pool_is_lost() -> None:
    session = session_after(setting(), (8, "shift_traffic", {"to": "standby", "share": 0.5}))
    assert good_share(session) == pytest.approx(0.5, abs=0.05)
    run = session.finish()
    assert debts_owed(run) == {"shifted_traffic"}
    before = play_orders(setting())
    assert sample_bytes(run, 8 * MINUTE) == sample_bytes(before, 8 * MINUTE)


def test_failing_back_waits_for_the_answers_of_the_standby() -> None:
    back = (11, "fail_over", {"to": "standby", "back": True})
    session = session_after(setting(), FAIL_OVER, back, (13, *back[1:]))
    assert good_share(session, "[3m]") == 1.0
    run = session.finish()
    assert debts_owed(run, 10) == {"shifted_traffic", "running_standby"}
    assert debts_owed(run) == set()
    pool = session.internals.world.pools["standby"]
    assert pool.share == pool.cluster.desired_replicas == 0
    assert action_outcomes(run) == [("fail_over", "done")] * 2 + [("fail_over", "failed")]


def test_orders_that_are_impossible_change_nothing() -> None:
    other = {"east": {"replicas": 1, "replicas_max": 2, "nodes": 1, "share": 0.3}}
    pools = {"standby": STANDBY, **other}
    session = session_after(
        small_setting({"duration": "14m", "pipeline.stages.serving.pools": pools}),
        (6, "shift_traffic", {"to": "stanby", "share": 0.5}),
        (6, "shift_traffic", {"to": "standby", "share": 0.8}),
        (6, "fail_over", {"to": "standby", "replicas": 5}),
        (6, "scale", {"replicas": 5, "serving_pool": "standby"}),
        (6, "fail_over", {"to": "east", "back": True}),
        (7, "scale", {"replicas": 3, "serving_pool": "standby"}),
    )
    run = session.finish()
    assert [e.note for e in run.of(ActionEvent) if e.ends] == [
        "no serving pool 'stanby'; there are standby, east",
        "80% of the requests: other serving pools get 30%",
        "5 replicas: standby has room for 4",
        "5 replicas: there can be 4 at most (replicas_max)",
        "nothing to fail back from east: traffic is as at the start",
        "replicas of standby 0 -> 3",
    ]
    assert debts_owed(run) == {"running_standby"}
    with pytest.raises(ValidationError, match="give no others"):
        ACTIONS.get("fail_over").model_validate({"to": "standby", "back": True, "replicas": 2})


@pytest.mark.parametrize(
    ("pool", "text"),
    [
        ({"replicas": 5}, "replicas: given 5, above replicas_max"),
        ({"replicas": 4, "nodes": 1, "memory": "2GiB"}, "its nodes have room for 2"),
        ({"memory": "512MiB"}, "given '512MiB', but a replica requests 1GiB"),
        ({"share": 1.5}, "share"),
        ({"replica": 1}, "did you mean 'replicas'"),
    ],
)
def test_a_pool_that_cannot_be_is_told_of_at_check(pool: dict[str, Any], text: str) -> None:
    with pytest.raises(SourceError, match=text):
        small_setting({"pipeline.stages.serving.pools": {"standby": {**STANDBY, **pool}}})


def test_a_change_that_names_no_pool_is_told_of_at_check() -> None:
    change = {"at": "6m", "change": "shift_traffic", "args": {"to": "stanby", "share": 0.5}}
    with pytest.raises(SourceError, match=r"unknown serving pool .*did you mean 'standby'"):
        setting(change)
