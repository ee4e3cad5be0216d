import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.alerting.alertmanager import (
    Alert,
    Alertmanager,
    MatcherError,
    load_alertmanager,
)
from simulator.source import SourceError
from simulator.telemetry.store import labels_of

FOLDER = Path(__file__).parents[2].parent / "shared" / "conformance" / "alertmanager"
MINUTE = 60_000
FOREVER = 1_000 * MINUTE

CONFIG = """
route:
  receiver: mail
  group_by: [alertname]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h
  routes:
  - matchers: [severity="page"]
    receiver: pager
    mute_time_intervals: [night]
inhibit_rules:
- source_matchers: [severity="page"]
  target_matchers: [severity="ticket"]
  equal: [job]
time_intervals:
- name: night
  time_intervals:
  - times: [{start_time: "00:00", end_time: "06:00"}]
    location: America/New_York
receivers:
- name: mail
  webhook_configs: [{url: "http://localhost/", send_resolved: false}]
- name: pager
  webhook_configs: [{url: "http://localhost/"}]
"""
NINE = 9 * 60 * MINUTE  # past nine in UTC, past four at night in New York
NOON = 12 * 60 * MINUTE + 5 * 60 * MINUTE


def alert(name="Down", starts=0, ends=FOREVER, **labels):
    return Alert(labels_of(alertname=name, **labels), (), starts, ends)


@pytest.fixture
def alertmanager():
    return Alertmanager(load_alertmanager(CONFIG, "am.yml"), start_ms_epoch=NOON)


def summary(notifications):
    return [(n.t // 1000, n.receiver, n.status, len(n.alerts)) for n in notifications]


def test_a_group_waits_then_flushes_at_its_interval(alertmanager):
    alertmanager.receive([alert(job="a")], 0)
    alertmanager.receive([alert(job="b")], 10_000)
    notices = alertmanager.advance(40_000)
    alertmanager.receive([alert(job="c")], 50_000)
    notices += alertmanager.advance(10 * MINUTE)
    assert summary(notices) == [(30, "mail", "firing", 2), (330, "mail", "firing", 3)]


def test_an_old_alert_is_notified_at_once(alertmanager):
    alertmanager.receive([alert(starts=-MINUTE)], 0)
    assert summary(alertmanager.advance(0)) == [(0, "mail", "firing", 1)]


def test_a_resolved_alert_is_notified_if_the_integration_sends_resolved(alertmanager):
    alertmanager.receive([alert(severity="page"), alert(severity="info")], 0)
    ended = [alert(severity="page", ends=MINUTE), alert(severity="info", ends=MINUTE)]
    alertmanager.receive(ended, MINUTE)
    assert summary(alertmanager.advance(20 * MINUTE)) == [
        (30, "pager", "firing", 1),
        (30, "mail", "firing", 1),
        (330, "pager", "resolved", 1),
    ]


def test_an_alert_that_ends_before_the_first_flush_is_never_notified(alertmanager):
    alertmanager.receive([alert()], 0)
    alertmanager.receive([alert(ends=10_000)], 10_000)
    assert alertmanager.advance(FOREVER // 2) == []


def test_an_alert_that_is_not_resent_ends(alertmanager):
    alertmanager.receive([alert(severity="page", ends=4 * MINUTE)], 0)
    notices = alertmanager.advance(30 * MINUTE)
    assert summary(notices) == [(30, "pager", "firing", 1), (330, "pager", "resolved", 1)]


def test_repeats_come_at_the_first_flush_after_the_interval():
    text = CONFIG.replace("5m", "4s").replace("4h", "9s").replace("30s", "1s")
    alertmanager = Alertmanager(load_alertmanager(text, "am.yml"))
    alertmanager.receive([alert()], 0)
    assert [n.t // 1000 for n in alertmanager.advance(30_000)] == [1, 13, 25]


def test_a_page_inhibits_the_ticket_of_the_same_job(alertmanager):
    alertmanager.receive([alert(severity="page", job="a")], 0)
    alertmanager.receive([alert("Slow", severity="ticket", job="a")], 0)
    alertmanager.receive([alert("Slow", severity="ticket", job="b")], 0)
    notices = alertmanager.advance(MINUTE)
    assert [dict(a.labels)["job"] for n in notices if n.receiver == "mail" for a in n.alerts] == [
        "b"
    ]


def test_a_silence_mutes_until_it_ends(alertmanager):
    alertmanager.silence('job="a"', 0, 6 * MINUTE, "ada")
    alertmanager.receive([alert(job="a")], 0)
    assert [n.t // 1000 for n in alertmanager.advance(20 * MINUTE)] == [630]


def test_a_silence_of_everything_is_refused(alertmanager):
    with pytest.raises(MatcherError, match="needs a matcher"):
        alertmanager.silence('job=~".*"', 0, MINUTE, "ada")


def test_a_time_interval_uses_its_own_time_zone():
    alertmanager = Alertmanager(load_alertmanager(CONFIG, "am.yml"), start_ms_epoch=NINE)
    alertmanager.receive([alert(severity="page")], 0)
    notices = alertmanager.advance(3 * 60 * MINUTE)
    # 1970-01-01 06:00 in New York is 11:00 UTC, two hours after the start.
    assert [n.t // 1000 for n in notices] == [7230]


@pytest.mark.parametrize("version, later", [("0.25", 355), ("0.34", 370)])
def test_the_timer_of_an_empty_group_depends_on_the_version(version, later):
    """In 0.25 the emptied group's timer goes on, in 0.34 the next alert waits anew."""
    text = CONFIG.replace("group_interval: 5m", "group_interval: 20s")
    alertmanager = Alertmanager(load_alertmanager(text, "am.yml"), NOON, version)
    alertmanager.receive([alert(severity="page", starts=305_000)], 305_000)
    alertmanager.receive([alert(severity="page", starts=305_000, ends=306_000)], 306_000)
    alertmanager.receive([alert(severity="page", starts=340_000)], 340_000)
    assert summary(alertmanager.advance(380_000)) == [(later, "pager", "firing", 1)]


steps = st.lists(
    st.tuples(st.integers(0, 90), st.sampled_from("abc"), st.booleans()), min_size=1, max_size=12
)


@given(steps)
def test_many_short_advances_equal_one_long_advance(plan):
    cut, whole = (Alertmanager(load_alertmanager(CONFIG, "am.yml")) for _ in range(2))
    t, notices, same = 0, [], []
    for wait, job, firing in plan:
        for second in range(wait):
            notices += cut.advance(t + second * 1000)
        t += wait * 1000
        notices += cut.advance(t)
        same += whole.advance(t)
        for alertmanager in (cut, whole):
            ends = FOREVER if firing else t
            alertmanager.receive([alert(job=job, severity="page", starts=t, ends=ends)], t)
    assert notices + cut.advance(t + 60 * MINUTE) == same + whole.advance(t + 60 * MINUTE)
    assert [n.t for n in notices] == sorted(n.t for n in notices)


def amtool():
    folder = os.environ.get("PROMETHEUS_BIN")
    path = shutil.which("amtool", path=folder) if folder else shutil.which("amtool")
    if path is None:
        pytest.skip("no amtool on PATH or in PROMETHEUS_BIN")
    return path


def loads(file):
    try:
        load_alertmanager(file.read_text(), file.name, "0.25")
    except SourceError as error:
        assert all(complaint.file == file.name for complaint in error.complaints)
        return False
    return True


def configurations(folder):
    if not FOLDER.is_dir():
        pytest.skip(f"no configurations at {FOLDER}")
    return sorted((FOLDER / folder).glob("*.yml"))


def test_good_configurations_load():
    good = {file.name: loads(file) for file in configurations("config") if "good" in file.name}
    assert good
    assert all(good.values())


def test_configurations_load_if_amtool_accepts_them():
    program = amtool()
    for file in [*configurations("config"), *configurations("routing")]:
        ran = subprocess.run([program, "check-config", file], capture_output=True)
        assert loads(file) == (ran.returncode == 0), file.name


@pytest.mark.parametrize("name", ["conf.good.yml", "conf.routing.yml", "conf.routing-reverted.yml"])
def test_routes_are_those_of_amtool(name):
    program = amtool()
    file = FOLDER / "routing" / name
    if not file.exists():
        pytest.skip(f"no configuration at {file}")
    config = load_alertmanager(file.read_text(), name)
    for labels in (
        {"test": "1"}, {"test": "2"}, {"service": "foo1"}, {"service": "files"}, {},
        {"service": "foo1", "severity": "critical"}, {"service": "database", "owner": "team-Y"},
        {"service": "database", "owner": "team-X", "owner2": "team-X"},
    ):  # fmt: skip
        pairs = [f"{key}={value}" for key, value in labels.items()]
        ran = subprocess.run(
            [program, "config", "routes", "test", "--config.file", file, *pairs],
            capture_output=True, text=True,
        )  # fmt: skip
        ours = ",".join(route.receiver for route in config.route.match(labels))
        assert ours == ran.stdout.strip(), labels


@pytest.mark.parametrize(
    "route, complaint",
    [
        ("{receiver: mial}", "undefined receiver 'mial'; did you mean 'mail'?"),
        ("{receiver: mail, group_by: [a, a]}", "duplicated label in group_by"),
        ("{receiver: mail, group_by: ['...', a]}", "wildcard"),
        ("{receiver: mail, group_interval: 0s}", "cannot be zero"),
        ("{receiver: mail, routes: [{matchers: ['a=~(']}]}", "not a regular expression"),
        ("{receiver: mail, routes: [{matchers: [a]}]}", "bad matcher format"),
        ("{receiver: mail, match: {a: b}}", "root route must not have any matchers"),
        ("{receiver: mail, grop_by: [a]}", "unknown field 'grop_by'"),
        ("{receiver: mail, routes: [{mute_time_intervals: [x]}]}", "undefined time interval 'x'"),
    ],
)
def test_an_invalid_route_is_refused(route, complaint):
    text = f"route: {route}\nreceivers: [{{name: mail}}]\n"
    with pytest.raises(SourceError) as error:
        load_alertmanager(text, "am.yml")
    assert complaint in str(error.value)


@pytest.mark.parametrize("version, first", [("0.25", 10), ("0.34", 30)])
def test_a_late_old_alert_flushes_its_group_at_once_only_in_0_25(version, first):
    alertmanager = Alertmanager(load_alertmanager(CONFIG, "am.yml"), NOON, version)
    alertmanager.receive([alert(job="a")], 0)
    alertmanager.receive([alert(job="b", starts=-MINUTE)], 10_000)
    assert summary(alertmanager.advance(MINUTE)) == [(first, "mail", "firing", 2)]
