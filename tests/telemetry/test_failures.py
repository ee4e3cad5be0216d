"""Faults of monitoring itself: the alerts and notifications that result, and when."""

import pytest

from simulator.promql import Engine
from simulator.run.events import AlertEvent, EndedEvent, LineEvent, NotificationEvent
from simulator.telemetry.store import SeriesStore
from tests.small.playing import MINUTE, SLOW, action_outcomes, play_orders


def inject(fault, target="", at="15m", lasts="10m", **args):
    target_key = {"target": target} if target else {}
    return {"id": "eyes", "at": at, "for": lasts, "fault": fault, "args": args, **target_key}


def states_of_slow(run, kind=NotificationEvent):
    """Minutes and states of the notifications, or of the alert Slow."""
    return [
        (event.t / MINUTE, event.status if kind is NotificationEvent else event.state)
        for event in run.of(kind)
        if kind is NotificationEvent or event.alert == "Slow"
    ]


def value(run, expr, minute):
    """The first value of a query at a minute; None if its result is empty."""
    rows = Engine(SeriesStore.from_arrays(run.series)).query(expr, minute * MINUTE).rows()
    return rows[0][1] if rows else None


@pytest.fixture(scope="module")
def slow(drill):
    """A slow model server from minute 10 on, with working monitoring."""
    return play_orders(drill(SLOW))


def test_without_a_fault_an_alert_fires_and_notifies_once(slow):
    assert states_of_slow(slow, AlertEvent) == [(11.0, "pending"), (12.0, "firing")]
    assert states_of_slow(slow) == [(12.5, "firing")]


def test_a_lost_target_resolves_its_alerts(drill, slow):
    run = play_orders(drill(SLOW, inject("scrape_failure", "kserve")))
    states = states_of_slow(run, AlertEvent)
    # For a while the range of five minutes still holds two samples or more.
    assert states[:3] == [(11.0, "pending"), (12.0, "firing"), (20.0, "resolved")]
    assert states[3:] == [(25.5, "pending"), (26.5, "firing")]
    assert [state for _, state in states_of_slow(run)] == ["firing", "resolved", "firing"]
    assert value(run, 'up{job="kserve"}', 16) == 0.0
    assert value(run, "ml_serving_requests_waiting", 15.25) is None
    assert value(slow, "ml_serving_requests_waiting", 15.25) is not None


def test_stalled_rules_make_alertmanager_resolve(drill):
    run = play_orders(drill(SLOW, inject("rules_stalled")))
    # Last sent at 15 with an end four minutes later; notified at the group's next interval.
    assert states_of_slow(run, AlertEvent) == [(11.0, "pending"), (12.0, "firing")]
    assert states_of_slow(run) == [(12.5, "firing"), (22.5, "resolved"), (25.5, "firing")]
    assert value(run, "prometheus_rule_group_iterations_missed_total", 24) == 17.0
    # The ALERTS series gets no stale marker; it ends with the lookback of five minutes.
    assert value(run, 'ALERTS{alertname="Slow"}', 19) == 1.0
    assert value(run, 'ALERTS{alertname="Slow"}', 21) is None


def test_with_alertmanager_down_nobody_is_notified_until_it_is_back(drill):
    run = play_orders(drill(SLOW, inject("alertmanager_down", at="5m", lasts="15m")))
    assert states_of_slow(run, AlertEvent) == [(11.0, "pending"), (12.0, "firing")]
    # Old alerts skip group_wait when they are posted again.
    assert states_of_slow(run) == [(21.0, "firing")]
    assert value(run, 'up{job="alertmanager"}', 10) == 0.0
    assert value(run, "prometheus_notifications_dropped_total", 19) > 0


def test_alertmanager_back_in_time_repeats_nothing(drill):
    run = play_orders(drill(SLOW, inject("alertmanager_down", at="15m", lasts="3m")))
    assert states_of_slow(run) == [(12.5, "firing")]


def test_no_silence_can_be_created_while_alertmanager_is_down(drill):
    order = (10, "silence", {"matchers": ["alertname=Slow"]})
    run = play_orders(drill(inject("alertmanager_down", at="5m", lasts="15m")), order)
    assert action_outcomes(run) == [("silence", "failed")]


def test_a_failing_receiver_is_retried(drill):
    run = play_orders(drill(SLOW, inject("receiver_errors", "pager", at="5m", lasts="15m")))
    assert states_of_slow(run) == [(20.75, "firing")]
    lines = [
        (event.t / MINUTE, event.level, event.text.partition(" receiver")[0])
        for event in run.of(LineEvent)
        if event.who == "alertmanager"
    ]
    assert lines == [
        (12.5, "WARNING", "Notify attempt failed, will retry later"),
        (17.5, "ERROR", "Notify for alerts failed"),  # the group is due again
        (17.5, "WARNING", "Notify attempt failed, will retry later"),
        (20.75, "INFO", "Notify success"),
    ]
    failed = 'alertmanager_notification_requests_failed_total{integration="webhook"}'
    assert value(run, failed, 25) == 15 + 13


def test_some_receiver_errors_only_delay(drill):
    run = play_orders(
        drill(SLOW, inject("receiver_errors", "pager", at="5m", lasts="30m", share=0.5))
    )
    ((minute, state),) = states_of_slow(run)
    assert state == "firing"
    assert 12.5 <= minute < 17.5


def test_the_team_that_owns_monitoring_can_fix_it(drill):
    fault = inject("scrape_failure", "kserve", lasts="25m")
    owns = ["feed", "feed-key", "store", "store-key", "kserve"]
    setting = drill(fault, oncall__teams__data__owns=owns)
    run = play_orders(setting, (16, "page", {"team": "data", "about": "kserve"}))
    (ended,) = run.of(EndedEvent)
    assert ended.why == "fact"
    assert ended.t < 35 * MINUTE
