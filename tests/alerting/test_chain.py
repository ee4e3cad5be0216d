"""A receiver that refuses, in our chain and before a real Alertmanager."""

import json
import threading
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from simulator.alerting.alertmanager import Alert, Alertmanager, load_alertmanager
from simulator.alerting.chain import Chain
from simulator.alerting.rule_evaluator import RuleEvaluator
from simulator.pipeline.monitoring import FailureLaw, MonitoringLaws
from simulator.promql import Engine
from simulator.telemetry.link_counts import LinkCounts
from simulator.telemetry.store import SeriesStore, labels_of
from tests.alerting.programs import free_port, program, serving

CONFIG = """
route: {receiver: hook, group_by: [alertname], group_wait: 1s, group_interval: 10s}
receivers: [{name: hook, webhook_configs: [{url: "http://127.0.0.1:PORT/"}]}]
"""
REFUSES = MonitoringLaws(receivers={"hook": [FailureLaw("outage")]})
DOWN = MonitoringLaws(alertmanager_down=["gone"])
HEALTHY = 13_000  # ms; from then on the receiver answers
FOREVER = 3_600_000


@pytest.fixture
def chain():
    alertmanager = Alertmanager(load_alertmanager(CONFIG.replace("PORT", "1"), "am.yml"))
    alertmanager.receive([Alert(labels_of(alertname="A"), (), 0, FOREVER)], 0)
    rules = RuleEvaluator([], Engine(SeriesStore()))
    return Chain(rules, alertmanager, Counter(), LinkCounts(), seed=1)


def attempts(chain, until, healthy=HEALTHY, step=10):
    """Every attempt: its time, its number and whether it was delivered."""
    outcomes = []
    for t in range(0, until, step):
        laws = REFUSES if t < healthy else MonitoringLaws()
        tried = [attempt for attempt in chain.notify(t, laws, {}) if not attempt.last]
        outcomes += [(t / 1000, attempt.number, attempt.delivered) for attempt in tried]
    return outcomes


def test_attempts_back_off_and_restart_at_the_groups_flush(chain):
    assert [(round(t, 1), n, ok) for t, n, ok in attempts(chain, 40_000)] == [
        *((1.0, 1, False), (1.5, 2, False), (2.2, 3, False), (3.4, 4, False)),
        *((5.1, 5, False), (7.6, 6, False)),
        *((11.0, 1, False), (11.5, 2, False), (12.2, 3, False), (13.4, 4, True)),
    ]


def test_an_alert_resolved_during_an_outage_is_notified_after_it(chain):
    chain.notify(1_000, MonitoringLaws(), {})
    labels = labels_of(alertname="A")
    chain.alertmanager.receive([Alert(labels, (), 0, 5_000)], 5_000)
    resolved = []
    for t in range(5_000, 60_000, 100):
        laws = REFUSES if t < 30_000 else MonitoringLaws()
        resolved += [(t, a.notification.status) for a in chain.notify(t, laws, {}) if a.delivered]
    assert [status for _, status in resolved] == ["resolved"]
    assert 30_000 <= resolved[0][0] < 32_000


def test_a_restart_keeps_silences_and_loses_alerts(chain):
    chain.alertmanager.silence('team="a"', 0, FOREVER, "ada")
    chain.notify(1_000, DOWN, {})
    assert chain.alertmanager.down
    assert chain.notify(500_000, DOWN, {}) == []
    assert not chain.alertmanager.alerts
    assert list(chain.alertmanager.silences) == ["1"]
    assert chain.notify(600_000, MonitoringLaws(), {}) == []
    assert not chain.alertmanager.down


@pytest.mark.slow
def test_attempts_match_a_real_alertmanager(chain, tmp_path):
    """Its back-off jitters by half; when it begins anew and gives up does not."""
    begun, seen = [], []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            t = time.monotonic() - begun[0]
            seen.append((t, t * 1000 >= HEALTHY))
            self.send_response(200 if seen[-1][1] else 503)
            self.end_headers()

        def log_message(self, *about):
            pass

    binary = program("alertmanager")
    port = free_port()
    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as hook:
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        file = tmp_path / "am.yml"
        file.write_text(CONFIG.replace("PORT", str(hook.server_port)))
        command = [binary, f"--config.file={file}", f"--storage.path={tmp_path / 'data'}"]
        command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
        with serving(command, port, tmp_path / "log") as address:
            now = datetime.now(UTC)
            begun.append(time.monotonic())
            ends = (now + timedelta(minutes=5)).isoformat()
            alert = {"labels": {"alertname": "A"}, "startsAt": now.isoformat(), "endsAt": ends}
            request = urllib.request.Request(
                f"{address}/api/v2/alerts",
                data=json.dumps([alert]).encode(),
                headers={"Content-Type": "application/json"},
            )
            urllib.request.urlopen(request).close()
            time.sleep(18)
        hook.shutdown()
    ours = attempts(chain, 18_000)
    # The first attempts of both flushes, and the one that arrives, after which there is none.
    assert [round(t) for t, _ in seen if abs(t - 1) < 0.3 or abs(t - 11) < 0.3][:1] == [1]
    assert min(abs(t - 11) for t, _ in seen) < 0.3
    assert [ok for _, ok in seen].count(True) == 1
    assert seen[-1][1]
    assert 13 <= seen[-1][0] < 13 + 1.5 * 0.5 * 1.5**3
    first = [t for t, _ in seen if t < 10.9]
    assert abs(len(first) - sum(t < 10.9 for t, _, _ in ours)) <= 3
