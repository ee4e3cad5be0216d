"""Monitoring itself fails: what people then hear, and when."""

import pytest

from simulator.promql import Engine
from simulator.telemetry.store import SeriesStore
from tests.small.story import MINUTE, SLOW, actions, played


def broken(fault, target="", at="15m", lasts="10m", **args):
    more = {"target": target} if target else {}
    return {"id": "eyes", "at": at, "for": lasts, "fault": fault, "args": args, **more}


def heard(run, kind="notification"):
    """Minutes and states of what came of the alert Slow."""
    return [
        (event.t / MINUTE, event.data["status" if kind == "notification" else "state"])
        for event in run.of(kind)
        if kind == "notification" or event.data["alert"] == "Slow"
    ]


def value(run, expr, minute):
    """What a query answers at a minute; None for nothing."""
    found = Engine(SeriesStore.from_arrays(run.series)).query(expr, minute * MINUTE).rows()
    return found[0][1] if found else None


@pytest.fixture(scope="module")
def slow(drill):
    """The model server slow from minute 10 on, and nothing wrong with monitoring."""
    return played(drill(SLOW))


def test_without_a_fault_an_alert_fires_and_is_told_once(slow):
    assert heard(slow, "alert") == [(11.0, "pending"), (12.0, "firing")]
    assert heard(slow) == [(12.5, "firing")]


def test_a_lost_target_resolves_its_alerts(drill, slow):
    run = played(drill(SLOW, broken("scrape_failure", "kserve")))
    states = heard(run, "alert")
    # The range of five minutes holds two samples or more for a while.
    assert states[:3] == [(11.0, "pending"), (12.0, "firing"), (20.0, "resolved")]
    assert states[3:] == [(25.5, "pending"), (26.5, "firing")]
    assert [state for _, state in heard(run)] == ["firing", "resolved", "firing"]
    assert value(run, 'up{job="kserve"}', 16) == 0.0
    assert value(run, "ml_serving_requests_waiting", 15.25) is None
    assert value(slow, "ml_serving_requests_waiting", 15.25) is not None


def test_rules_that_stall_let_alertmanager_believe_it_is_over(drill):
    run = played(drill(SLOW, broken("rules_stalled")))
    # Last sent at 15 with an end four minutes later; told at the group's next turn.
    assert heard(run, "alert") == [(11.0, "pending"), (12.0, "firing")]
    assert heard(run) == [(12.5, "firing"), (22.5, "resolved"), (25.5, "firing")]
    assert value(run, "prometheus_rule_group_iterations_missed_total", 24) == 17.0
    # The alert's own series is not stale either, it is only not written: gone after five minutes.
    assert value(run, 'ALERTS{alertname="Slow"}', 19) == 1.0
    assert value(run, 'ALERTS{alertname="Slow"}', 21) is None


def test_with_alertmanager_down_nobody_is_told_until_it_is_back(drill):
    run = played(drill(SLOW, broken("alertmanager_down", at="5m", lasts="15m")))
    assert heard(run, "alert") == [(11.0, "pending"), (12.0, "firing")]
    # Old alerts do not wait for their group once they are posted again.
    assert heard(run) == [(21.0, "firing")]
    assert value(run, 'up{job="alertmanager"}', 10) == 0.0
    assert value(run, "prometheus_notifications_dropped_total", 19) > 0


def test_alertmanager_back_in_time_repeats_nothing(drill):
    run = played(drill(SLOW, broken("alertmanager_down", at="15m", lasts="3m")))
    assert heard(run) == [(12.5, "firing")]


def test_no_silence_can_be_ordered_while_alertmanager_is_down(drill):
    order = (10, "silence", {"matchers": ["alertname=Slow"]})
    run = played(drill(broken("alertmanager_down", at="5m", lasts="15m")), order)
    assert actions(run) == [("silence", "failed")]


def test_a_receiver_that_refuses_is_tried_again(drill):
    run = played(drill(SLOW, broken("receiver_errors", "pager", at="5m", lasts="15m")))
    assert heard(run) == [(20.75, "firing")]
    lines = [
        (e.t / MINUTE, e.data["level"], e.data["text"].partition(" receiver")[0])
        for e in run.of("line")
        if e.who == "alertmanager"
    ]
    assert lines == [
        (12.5, "WARNING", "Notify attempt failed, will retry later"),
        (17.5, "ERROR", "Notify for alerts failed"),  # the group is due again
        (17.5, "WARNING", "Notify attempt failed, will retry later"),
        (20.75, "INFO", "Notify success"),
    ]
    failed = 'alertmanager_notification_requests_failed_total{integration="webhook"}'
    assert value(run, failed, 25) == 15 + 13


def test_some_errors_only_delay(drill):
    run = played(drill(SLOW, broken("receiver_errors", "pager", at="5m", lasts="30m", share=0.5)))
    ((minute, state),) = heard(run)
    assert state == "firing"
    assert 12.5 <= minute < 17.5


def test_who_owns_monitoring_can_mend_it(drill):
    fault = broken("scrape_failure", "kserve", lasts="25m")
    owns = ["feed", "feed-key", "store", "store-key", "kserve"]
    setting = drill(fault, oncall__teams__data__owns=owns)
    run = played(setting, (16, "page", {"team": "data", "about": "kserve"}))
    (ended,) = run.of("ended")
    assert ended.data["why"] == "fact"
    assert ended.t < 35 * MINUTE
