"""Orders to the gateway in the small drill: what they relieve, what they cost, what shows."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from simulator.actions import ACTIONS
from simulator.lint import playbook_steps, untrained_versions
from simulator.run.events import PhaseEvent
from simulator.scenario import Playbook
from simulator.session import Session
from simulator.setting import parse
from simulator.setting.bind import bind_names
from simulator.source import SourceError
from tests.small.playing import (
    MORE,
    SMALL,
    action_outcomes,
    play_orders,
    query_value,
    query_values,
    session_after,
)

CLASSES = {"pipeline__traffic__classes": {"interactive": 0.7, "batch": 0.3}}
LONGER = {
    "id": "it",
    "at": "6m",
    "fault": "longer_requests",
    "args": {"share": 0.2, "factor": 120},
}


def truth_at(session: Session, name: str, minute: float) -> float:
    """The true value of an objective at a minute of a finished drill."""
    run = session.finish()
    return float(run.truth[name][(run.truth_times <= minute * 60_000).sum() - 1])


def counts(session: Session) -> dict[str, int]:
    """The requests of a drill by outcome."""
    return dict(list(session.finish().of(PhaseEvent))[-1].requests)


def test_shedding_keeps_the_latency_of_what_passes_and_costs_availability(drill: Any) -> None:
    surge = drill(MORE, duration="20m")
    nobody = session_after(surge)
    shed = session_after(surge, (10, "shed_load", {"rate": "30/s"}))
    refused = 'istio_requests_total{response_code="429"}'
    assert truth_at(nobody, "latency_p95", 20) > 0.4
    assert truth_at(shed, "latency_p95", 20) < 0.3
    assert 0.3 < truth_at(shed, "availability", 20) < 0.45
    assert query_values(nobody, refused) == []
    assert query_values(shed, refused, 9) == []
    # 84/s arrive, 54/s of them too many, for ten minutes.
    assert query_value(shed, refused) == pytest.approx(54 * 600, rel=0.1)
    # They never reached the model server.
    by_server = 'http_requests_total{code="503"}'
    assert query_value(shed, by_server) == query_value(shed, by_server, 11) > 0


def test_one_class_is_shed_and_shown(drill: Any) -> None:
    session = session_after(
        drill(duration="12m", **CLASSES), (6, "shed_load", {"share": 1, "of": "batch"})
    )
    assert query_value(session, 'istio_requests_total{request_class="batch"}') > 0
    assert query_values(session, 'istio_requests_total{request_class="interactive"}') == []
    assert truth_at(session, "availability", 12) == pytest.approx(0.7, abs=0.05)


@pytest.mark.parametrize(("mode", "availability"), [("refuse", 0.75), ("truncate", 0.95)])
def test_a_limit_helps_against_longer_requests(drill: Any, mode: str, availability: float) -> None:
    longer = drill(LONGER, duration="20m")
    nobody = session_after(longer)
    limited = session_after(longer, (10, "limit_requests", {"longest": 3, "mode": mode}))
    assert truth_at(nobody, "availability", 20) < 0.5
    assert truth_at(limited, "availability", 20) > availability
    assert truth_at(limited, "latency_p95", 20) < truth_at(nobody, "latency_p95", 20) / 2
    refusals = query_values(limited, 'istio_requests_total{response_code="413"}')
    assert (len(refusals) == 1) == (mode == "refuse")
    if mode == "truncate":
        # What is cut is missing: accuracy pays.
        log = limited.internals.world.log
        right, cut = (log.score > 0) == (log.label == 1), np.isnan(log.rows[:, -1])
        recent = log.at > 11 * 60_000
        assert cut[recent].mean() == pytest.approx(0.2, abs=0.05)
        assert right[recent & cut].mean() < right[recent & ~cut].mean() - 0.02


def test_constant_answers_relieve_the_server_and_cost_accuracy(drill: Any) -> None:
    surge = drill(MORE, duration="20m")
    session = session_after(surge, (10, "fallback", {"answer": "constant"}))
    assert truth_at(session, "availability", 20) == 1.0
    assert truth_at(session, "latency_p95", 20) < 0.01
    assert truth_at(session, "accuracy", 20) < truth_at(session, "accuracy", 9) - 0.1
    assert query_value(session, "ml_prediction_mean") < 0.05  # of the last ten minutes
    outcome = counts(session)
    assert outcome["scored"] == outcome["served"] + outcome["answered_by_gateway"]
    log = session.internals.world.log
    # Rows and labels are still right: the mean label is that of the others.
    recent, before = log.at > 12 * 60_000, (log.at > -60 * 60_000) & (log.at < 10 * 60_000)
    assert log.score[recent].max() < 0
    assert log.label[recent].mean() == pytest.approx(log.label[before].mean(), abs=0.06)


def test_a_former_model_answers_for_a_segment_on_the_model_server(drill: Any) -> None:
    args = {"answer": "former_model", "version": 6, "feature": "x1", "low": 0}
    setting = drill(duration="15m")
    session = session_after(setting, (6, "fallback", args))
    before = session_after(setting)
    assert "answered_by_gateway" not in counts(session)
    assert counts(session)["served"] == counts(before)["served"]
    log, other = session.internals.world.log, before.internals.world.log
    differs = log.score != other.score
    assert differs.any()
    column = setting.params.pool.index("x1")
    assert (log.rows[differs, column] >= 0).mean() > 0.9  # the others are stale in the store


def test_the_serving_code_skews_what_a_former_model_reads(drill: Any) -> None:
    args = {"build": 8, "feature": "x1", "factor": -1.0}
    skewed = drill({"id": "it", "at": "6m", "fault": "serving_skew", "args": args}, duration="20m")
    former = ("fallback", {"answer": "former_model", "version": 6})
    healthy = session_after(drill(duration="20m"), (8, *former))
    nobody, fallen_back = session_after(skewed), session_after(skewed, (8, *former))
    assert truth_at(healthy, "accuracy", 20) > 0.9
    assert truth_at(nobody, "accuracy", 20) < 0.8
    assert truth_at(fallen_back, "accuracy", 20) < 0.8


def test_lifting_an_order_ends_it(drill: Any) -> None:
    orders = [(6, kind, ACTIONS.get(kind).example) for kind in ("shed_load", "fallback")]
    lifts = [(8, kind, {"lift": True}) for kind in ("shed_load", "fallback", "limit_requests")]
    run = play_orders(drill(duration="15m"), *orders, *lifts)
    assert [state for _, state in action_outcomes(run)].count("done") == 4
    assert ("limit_requests", "failed") in action_outcomes(run)
    assert run.truth["availability"][-1] == 1.0


@pytest.mark.parametrize(
    ("kind", "args", "text"),
    [
        ("shed_load", {}, "either a share of the requests or a rate"),
        ("shed_load", {"share": 0.5, "rate": "5/s"}, "either a share of the requests or a rate"),
        ("shed_load", {"share": 0.5, "lift": True}, "it takes no share"),
        ("limit_requests", {}, "either longest"),
        ("limit_requests", {"tokens": 0}, "no request would pass"),
        ("fallback", {}, "either an answer or lift"),
        ("fallback", {"answer": "former_model"}, "a former_model has a version"),
        ("fallback", {"answer": "cached", "version": 6}, "a former_model has a version"),
        ("fallback", {"answer": "constant", "low": 1}, "expected its feature"),
    ],
)
def test_arguments_that_contradict_each_other(kind: str, args: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        ACTIONS.get(kind).model_validate(args)


@pytest.mark.parametrize(
    ("kind", "args", "text"),
    [
        ("fallback", {"answer": "cached"}, "name no entity"),
        ("limit_requests", {"tokens": 500}, "declares no tokens"),
        ("shed_load", {"share": 1, "of": "batch"}, "no class of requests 'batch'"),
    ],
)
def test_orders_that_the_pipeline_cannot_carry_out(
    kind: str, args: dict[str, Any], text: str, drill: Any
) -> None:
    run = play_orders(drill(duration="8m"), (6, kind, args))
    assert action_outcomes(run) == [(kind, "failed")]
    assert text in str(run.events)


def test_a_version_that_is_never_trained_is_reported_in_its_place() -> None:
    """Of former versions there is 6; a drill of 30 minutes has time for 15 trainings of 2."""
    versions = (5, 6, 8, 22, 23, 99)
    fallbacks = [{"fallback": {"answer": "former_model", "version": n}} for n in versions]
    changes = [{"at": "9m", "change": k, "args": v} for f in fallbacks for k, v in f.items()]
    steps = [{"act": fallback} for fallback in fallbacks]
    responder = {"playbook": 1, "name": "book", "title": "A book", "steps": steps}
    texts = {}
    for key, value in (("injects", changes), ("responder", responder)):
        document, scenario = parse(SMALL, [f"{key}={json.dumps(value)}"])
        bound = bind_names(document, scenario)
        if key == "injects":
            complaints = untrained_versions.warnings(document, scenario, bound)
        else:
            assert isinstance(scenario.responder, Playbook)
            complaints = playbook_steps.warnings(
                document, (key,), scenario.responder, bound, 2, scenario.duration
            )
        texts |= {complaint.path: complaint.text for complaint in complaints}
    message = "version {} of the model is never trained; there are 6, 7".format
    expected = {f"injects[{i}].args.version": message(versions[i]) for i in (0, 4, 5)}
    expected |= {
        f"responder.steps[{i}].act.fallback.version": message(versions[i]) for i in (0, 4, 5)
    }
    assert texts == expected


@pytest.mark.parametrize(
    ("classes", "text"),
    [
        ({"a": 0.7, "b": 0.2}, "the shares add up to 0.9, expected 1"),
        ({"a": 1, "b": 0}, "given 0, expected a share above 0"),
        ({"not a name": 1}, "is not a name"),
    ],
)
def test_classes_are_shares_of_all_requests(classes: dict[str, float], text: str) -> None:
    with pytest.raises(SourceError, match=text):
        parse(SMALL, [f"pipeline.traffic.classes={json.dumps(classes)}"])


def test_one_gateway_stands_before_all_pools(drill: Any) -> None:
    """A half of the requests goes to a second pool: each pool's are shed alike."""
    pools = {"standby": {"replicas": 2, "replicas_max": 4, "nodes": 2, "build": 7}}
    setting = drill(duration="15m", pipeline__stages__serving__pools=pools)
    session = session_after(
        setting,
        (5, "shift_traffic", {"to": "standby", "share": 0.5}),
        (8, "shed_load", {"share": 0.4}),
    )
    assert truth_at(session, "availability", 15) == pytest.approx(0.6, abs=0.05)
    refused = query_value(session, 'istio_requests_total{response_code="429"}')
    assert refused == counts(session)["shed"]
    assert query_value(session, 'sum(http_requests_total{code="503"})') == 0
