"""Whose Prometheus and whose Alertmanager a scenario means."""

import pytest

from simulator.promql import Engine
from simulator.run.events import LineEvent, NotificationEvent
from simulator.session import Session
from simulator.source import SourceError
from simulator.telemetry.store import SeriesStore
from tests.small.playing import MINUTE, SLOW, play_orders


def test_alertmanager_0_25_can_be_chosen(drill):
    assert Session(drill(), 1).internals.alertmanager.version == "0.34"
    assert (
        Session(drill(alerting__alertmanager_version="0.25"), 1).internals.alertmanager.version
        == "0.25"
    )
    # YAML reads a version without quotes as a number.
    assert (
        Session(drill(alerting__alertmanager_version=0.25), 1).internals.alertmanager.version
        == "0.25"
    )


def test_an_unknown_version_is_refused_with_the_known_ones(drill):
    with pytest.raises(SourceError, match=r"unknown '0\.26'; did you mean '0\.25'"):
        drill(alerting__alertmanager_version="0.26")


def test_external_labels_are_sent_and_are_not_in_series(drill):
    run = play_orders(drill(SLOW, alerting__external_labels={"region": "eu"}, duration="15m"))
    (notifications,) = run.of(NotificationEvent)
    assert notifications.alerts == ({"alertname": "Slow", "region": "eu", "severity": "page"},)
    engine = Engine(SeriesStore.from_arrays(run.series))
    assert [labels.get("region") for labels, _ in engine.query("ALERTS", 14 * MINUTE).rows()] == [
        None
    ]


def test_pods_have_the_same_names_in_log_lines_and_series(drill):
    leak = {"id": "leak", "at": "6m", "fault": "memory_leak"}
    run = play_orders(drill({**leak, "args": {"build": 8, "per_second": "8MiB"}}, duration="15m"))
    killed = next(event for event in run.of(LineEvent) if "OOMKilled" in event.text)
    engine = Engine(SeriesStore.from_arrays(run.series))
    asked = f'kube_pod_container_status_last_terminated_reason{{pod="{killed.who}"}}'
    assert engine.query(asked, killed.t + MINUTE).first()[1] == 1.0


def test_the_serving_version_is_a_label(drill):
    run = play_orders(drill(duration="15m"), (6, "rollback", {"target": "model"}))
    engine = Engine(SeriesStore.from_arrays(run.series))

    def versions(minute):
        rows = engine.query("ml_model_info", round(minute * MINUTE)).rows()
        return [(labels["version"], labels["alias"]) for labels, _ in rows]

    assert versions(7) == [("7", "champion")]
    assert versions(8) == [("6", "champion")]  # the old one is stale at once
