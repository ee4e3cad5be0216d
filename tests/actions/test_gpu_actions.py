"""A build with larger batches: what ends it, what bridges it, what does nothing, what that costs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from simulator.lint.possible_series import PossibleSeries
from simulator.run.events import LandedEvent
from simulator.session import Session
from simulator.setting import Setting, parse
from simulator.setting.bind import bind_names
from simulator.source import SourceError
from tests.small.playing import (
    SMALL,
    action_outcomes,
    debts_owed,
    query_value,
    query_values,
    session_after,
    small_setting,
)

GROWTH = {"id": "gpu", "at": "6m", "fault": "batch_growth", "args": {"build": 9}}
RELEASE = {"at": "6m", "change": "release", "args": {"target": "serving", "build": 9}}
BATCHES = {
    "pipeline.stages.serving.queues": "per_replica",
    "pipeline.stages.serving.batching": {"max_size": 4, "max_wait": "150ms", "further": 0.2},
}
GPU = {"size": "16GiB", "base": "6GiB", "per_request": "600MiB"}


def setting(rate: str = "90/s", *, gpu: bool = True, tokens: int = 0, **more: Any) -> Setting:
    """A batch of four fits, with two a pod in service, and one of sixteen need not."""
    sets = {"injects": [RELEASE, GROWTH], "pipeline.traffic.rate": rate, **BATCHES, **more}
    if gpu:
        lengths = {"tokens": tokens} if tokens else {}
        sets["pipeline.stages.serving.gpu_memory"] = {**GPU, **lengths}
    return small_setting(sets)


@pytest.fixture(scope="module")
def busy() -> Setting:
    return setting()


@pytest.fixture(scope="module")
def unanswered(busy: Setting) -> Session:
    """The same drill, at its end, with nobody acting."""
    return session_after(busy)


def share(code: str) -> str:
    return f"sum(rate(http_requests_total{{{code}}}[5m])) / sum(rate(http_requests_total[5m]))"


ERRORS = share('code="500"')
USED, FREE = "DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_FB_FREE"
KILLS = "sum(kube_pod_container_status_restarts_total)"
BATCH = "sum(rate(nv_inference_count[5m])) / sum(rate(nv_inference_exec_count[5m]))"


def test_larger_batches_find_no_room_and_the_pods_stay_up(unanswered: Session) -> None:
    nobody = unanswered
    assert query_value(nobody, ERRORS, 6) < 0.001
    assert query_value(nobody, ERRORS) > 0.05
    assert query_value(nobody, KILLS) == 0.0
    assert query_value(nobody, f"max_over_time(max({USED})[10m:15s])", 6) < 0.9 * 16 * 1024
    assert query_value(nobody, f"max_over_time(max({USED})[10m:15s])") > 0.9 * 16 * 1024
    assert query_value(nobody, f"max(abs({USED} + {FREE} - {16 * 1024}))") < 1e-6
    (landed,) = [event for event in nobody.log.events if event.kind == "landed"]
    assert landed.name == "batch_growth"
    lines = [line for line in nobody.internals.lines.all if "OutOfMemoryError" in line.text]
    assert len({(line.t, line.part) for line in lines}) == len(lines) > 10
    pattern = r"torch.OutOfMemoryError: CUDA out of memory. Tried to allocate \d+\.\d\d GiB\. "
    assert all(re.match(pattern, line.text) and line.t >= 360_000 for line in lines)


def test_it_takes_enough_traffic_to_fill_batches() -> None:
    quiet = session_after(setting("12/s"))
    assert query_value(quiet, ERRORS) == 0.0
    assert not list(quiet.finish().of(LandedEvent))


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(("rollback", {"target": "serving"}), marks=pytest.mark.slow),
        ("cap_batch", {"most": 4}),
    ],
    ids=str,
)
def test_a_rollback_and_a_cap_end_the_errors(busy: Setting, order: tuple[str, Any]) -> None:
    mended = session_after(busy, (12, *order))
    assert query_value(mended, ERRORS, 12) > 0.05
    assert query_value(mended, ERRORS) < 0.001


@pytest.mark.slow
def test_a_restart_and_more_memory_for_the_pod_change_nothing(
    busy: Setting, unanswered: Session
) -> None:
    memory = {"base": "600MiB", "per_request": "4MiB", "limit": "2GiB", "request": "1GiB"}
    nobody = query_value(unanswered, ERRORS)
    assert query_value(session_after(busy, (12, "restart", {})), ERRORS) == pytest.approx(
        nobody, rel=0.3
    )
    larger = session_after(setting(**{"pipeline.stages.serving.memory": memory}))
    assert query_value(larger, ERRORS) == nobody


@pytest.mark.slow
def test_a_cap_costs_throughput_until_it_is_lifted(busy: Setting) -> None:
    """Two pods with two batches at once answer alone 57 requests a second of 90."""
    capped = session_after(busy, (12, "cap_batch", {"most": 1}))
    assert query_value(capped, BATCH) == 1.0
    assert query_value(capped, ERRORS) < 0.02
    assert query_value(capped, share('code="503"')) > 0.15
    lifted = session_after(
        busy,
        (12, "cap_batch", {"most": 1}),
        (16, "rollback", {"target": "serving"}),
        (20, "cap_batch", {"most": 0}),
    )
    assert query_value(lifted, share('code!="200"')) < 0.001
    assert query_value(lifted, BATCH) > 2.0
    assert (debts_owed(capped.finish()), debts_owed(lifted.finish())) == ({"capped_batches"}, set())


def test_longer_sequences_need_more_room_and_more_time() -> None:
    longer = {**GROWTH, "args": {"build": 9, "factor": 1, "longer": 3}}
    longer_batches = setting("40/s", injects=[RELEASE, longer], tokens=500)
    nobody, mended = (
        session_after(longer_batches, *orders) for orders in ((), [(12, "cap_batch", {"most": 1})])
    )
    predict = "rate(request_predict_seconds_sum[5m]) / rate(request_predict_seconds_count[5m])"
    assert query_value(nobody, predict) > 1.8 * query_value(nobody, predict, 6)
    assert query_value(nobody, ERRORS, 6) < 0.001
    assert query_value(nobody, ERRORS) > 0.02
    assert query_value(mended, ERRORS) < 0.3 * query_value(nobody, ERRORS)
    assert query_value(nobody, TOKENS) == pytest.approx(
        3 * query_value(nobody, TOKENS, 6), rel=0.05
    )


def test_without_batches_there_is_nothing_to_limit_and_without_memory_no_series(
    quiet: Setting,
) -> None:
    refused = session_after(quiet, (12, "cap_batch", {"most": 2}))
    assert action_outcomes(refused.finish()) == [("cap_batch", "failed")]
    with pytest.raises(
        SourceError, match="the target of batch_growth is a gpu_memory, and the pipeline"
    ):
        setting(gpu=False)
    memory = {"pipeline.stages.serving.gpu_memory": GPU}
    for more, there in ((memory, {USED, FREE}), ({}, set())):
        sets = {**BATCHES, **more}
        document = parse(SMALL, [f"{path}={json.dumps(item)}" for path, item in sets.items()])
        names = {
            dict(labels)["__name__"] for labels in PossibleSeries(bind_names(*document)).series
        }
        assert {name for name in names if "_FB_" in name} == there


ENDED = 'sum(nv_inference_count) + sum(nv_inference_request_failure{reason="BACKEND"})'
LENGTH = "vllm:request_prompt_tokens"
TOKENS = f"rate({LENGTH}_sum[5m]) / rate({LENGTH}_count[5m])"
LONGER = {"id": "long", "at": "6m", "fault": "longer_requests", "args": {"share": 0.3, "factor": 4}}


@pytest.fixture(scope="module")
def long() -> Setting:
    return setting("30/s", injects=[LONGER], tokens=500)


def test_longer_requests_find_no_room_and_the_histogram_says_that_they_are_longer(
    long: Setting, unanswered: Session
) -> None:
    nobody = session_after(long)
    assert query_value(nobody, TOKENS, 6) == pytest.approx(500, rel=0.05)
    assert query_value(nobody, TOKENS) == pytest.approx(500 * (1 + 0.3 * 3), rel=0.05)
    assert (query_value(nobody, ERRORS, 6), query_value(nobody, KILLS)) == (0.0, 0.0)
    assert query_value(nobody, ERRORS) > 0.08
    # Whatever reached an accelerator, answered or refused, in whole tokens.
    ended, inside, reached = (
        query_value(nobody, metric) - query_value(nobody, metric, 6)
        for metric in (ENDED, "ml_serving_requests_in_service", f"{LENGTH}_count")
    )
    assert reached == ended + inside
    assert query_value(nobody, f"{LENGTH}_sum") % 1 == 0
    (landed,) = nobody.finish().of(LandedEvent)
    assert landed.name == "longer_requests"
    assert query_values(unanswered, f"{LENGTH}_count") == []


@pytest.mark.slow
def test_smaller_batches_of_longer_requests_fit_and_a_rollback_does_nothing(long: Setting) -> None:
    capped, back = (
        session_after(long, (12, *order))
        for order in (("cap_batch", {"most": 1}), ("rollback", {"target": "serving"}))
    )
    assert query_value(capped, share('code!="200"')) < 0.012
    assert query_value(back, ERRORS) == query_value(session_after(long), ERRORS) > 0.08
