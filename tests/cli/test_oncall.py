"""`drill oncall`: schedules on the command line."""

import re

import pytest

from simulator.cli import call
from simulator.cli.oncall import COMMANDS

FILE = """
oncall: 1
name: two-zones
people: {ana: {}, ben: {}}
schedules:
  primary:
    zone: America/New_York
    layers: [{people: [ana, ben], every: 1d, hand_off: "02:30", starts: 2026-03-02}]
  office:
    zone: Asia/Kolkata
    layers: [{people: [ben], between: "09:00-17:00"}]
teams: {platform: {members: [ana]}}
"""


@pytest.fixture
def drill(tmp_path, monkeypatch, capsys):
    """`drill(*words)`: the exit code and what `drill oncall` printed, in a folder with the file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "oncall.yaml").write_text(FILE)
    short = "oncall: 1\nname: short\nteams: {platform: {members: [ana]}}\n"
    (tmp_path / "short.yaml").write_text(short)

    def drill(*words):
        code = call(["oncall", *words])
        output = capsys.readouterr()
        return code, output.out, output.err

    return drill


@pytest.mark.parametrize("name", [(), *((name,) for name in COMMANDS)])
def test_help_has_an_example(name, drill):
    code, out, _ = drill(*name, "--help")
    assert code == 0
    assert "Example: drill oncall" in out


def test_show_prints_who_is_on_call_and_the_next_hand_offs(drill):
    # 02:30 does not exist on that day, and is read as 03:30.
    code, out, _ = drill("show", "oncall.yaml", "--at", "2026-03-08T02:30", "--days", "1")
    assert code == 0
    assert out.splitlines() == [
        "schedule  on call  local time                   zone",
        "primary   ana      Sun 2026-03-08 03:30 -04:00  America/New_York",
        "office    nobody   Sun 2026-03-08 02:30 +05:30  Asia/Kolkata",
        "",
        "schedule  hand-off                     on call",
        "office    Sun 2026-03-08 09:00 +05:30  ben",
        "office    Sun 2026-03-08 17:00 +05:30  nobody",
        "primary   Mon 2026-03-09 02:30 -04:00  ben",
    ]


def test_show_of_one_schedule_at_an_instant(drill):
    _, out, _ = drill("show", "oncall.yaml", "office", "--at", "2026-03-08T04:30Z", "--days", "1")
    assert "Sun 2026-03-08 10:00 +05:30" in out
    assert "primary" not in out


def test_show_of_a_scenario_begins_with_its_start(drill, tmp_path):
    code, out, _ = drill("show", "sunday-night", "primary", "--days", "1")
    assert code == 0
    assert "ana      Sun 2026-03-15 02:00 -04:00" in out
    assert out.endswith("no hand-off within 1 day\n")
    changed = "drill: 1\nextends: sunday-night.yaml\noncall: oncall.yaml\n"
    (tmp_path / "mine.yaml").write_text(changed)
    assert "office    ben      Sun 2026-03-15 11:30 +05:30" in drill("show", "mine.yaml")[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("oncall.yaml", "offce"), "unknown schedule 'offce'; did you mean 'office'?"),
        (("oncall.yaml", "--at", "noon"), "'noon' is not a moment"),
        (("oncall.yaml", "--at", "0900-01-01"), "is not between the years 1970 and 2200"),
        (("oncal.yaml",), "oncal.yaml: no on-call file 'oncal.yaml'; shipped are follow-the-sun, "),
        (("short.yaml",), "has no schedules"),
    ],
)
def test_a_mistake_is_a_clear_line(words, message, drill):
    code, out, err = drill("show", *words)
    assert (code, out) == (2, "")
    assert message in err


def test_an_export_read_again_shows_the_same_hand_offs(drill, tmp_path):
    days = ("--from", "2026-03-01", "--until", "2026-04-01")
    assert drill("export", "oncall.yaml", "primary", *days, "--out", "primary.ics") == (0, "", "")
    again = re.sub(r"layers: \[{people: \[ana, ben.*", "ical: primary.ics", FILE)
    (tmp_path / "again.yaml").write_text(again)
    at = ("primary", "--at", "2026-03-07", "--days", "3")
    assert drill("show", "again.yaml", *at) == drill("show", "oncall.yaml", *at)


def test_an_export_overwrites_a_file_only_if_told_to(drill, tmp_path):
    (tmp_path / "a.ics").write_text("mine")
    day = ("office", "--from", "2026-03-09", "--out", "a.ics")
    code, _, err = drill("export", "oncall.yaml", *day)
    assert (code, (tmp_path / "a.ics").read_text()) == (2, "mine")
    assert "a.ics exists; --force overwrites it" in err
    assert drill("export", "oncall.yaml", *day, "--force") == (0, "", "")
    assert "SUMMARY:ben" in (tmp_path / "a.ics").read_text()


def test_export_prints_a_calendar(drill):
    day = ("--from", "2026-03-09T08:00", "--until", "2026-03-10")
    code, out, _ = drill("export", "oncall.yaml", "office", *day)
    assert code == 0
    assert [line for line in out.splitlines() if line.startswith(("DT", "SUM"))] == [
        "SUMMARY:ben", "DTSTART:20260309T033000Z", "DTEND:20260309T113000Z",
        "DTSTAMP:20260309T023000Z",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("primary", "--from", "2026-03-09", "--until", "2026-03-09"), "is not after the start"),
        (("primary", "--from", "2026-03-09", "--until", "2100-03-09"), "more than 20 years"),
        (("primry",), "unknown schedule 'primry'; did you mean 'primary'?"),
        (("cut", "--from", "2026-03-09"), "cut.ics:1:1: VCALENDAR has no END: is the file cut?"),
        (("gone", "--from", "2026-03-09"), "oncall.yaml:7:16: schedules.gone.ical: "),
    ],
)
def test_an_export_that_cannot_be_is_a_clear_line(words, message, drill, tmp_path):
    more = "schedules:\n  cut: {ical: cut.ics}\n  gone: {ical: gone.ics}\n"
    (tmp_path / "oncall.yaml").write_text(FILE.replace("schedules:\n", more))
    (tmp_path / "cut.ics").write_text("BEGIN:VCALENDAR\nVERSION:2.0\n")
    code, out, err = drill("export", "oncall.yaml", *words)
    assert (code, out) == (2, "")
    assert message in err


def test_an_unknown_command_gets_a_suggestion(drill):
    code, _, err = drill("shwo")
    assert code == 2
    assert "unknown command 'shwo'; did you mean 'show'?" in err
