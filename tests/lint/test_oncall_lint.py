"""Warnings about on-call files: when somebody would be on call, and is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from simulator.cli import call
from simulator.lint import oncall_lint
from simulator.lint.default_moment import default_moment
from simulator.lint.oncall_year import year_of
from simulator.scenario import OnCall
from simulator.setting import parse
from simulator.setting.bind import bind_names
from simulator.source import load, validate
from tests.small.playing import SMALL

ONCALL = """\
oncall: 1
name: org
people:
  ana: {zone: America/New_York, asleep: "23:00-07:00"}
  ben: {zone: Europe/Berlin}
  chi: {channels: [push]}
  dee: {}
schedules:
  primary:
    zone: America/New_York
    layers:
      - {people: [ana, ben], hand_off: "Mon 09:00"}
      - {people: [dee], between: "18:00-08:00", days: [Sat, Sun]}
    overrides:
      - {from: 2026-03-09T18:00, until: 2026-03-10T09:00, person: ben}
  berlin:
    zone: Europe/Berlin
    layers:
      - {people: [ben, chi], every: 1d, hand_off: "09:00"}
policies:
  serving:
    zone: America/New_York
    levels:
      - {page: [{schedule: primary}], after: 5m}
      - {page: [{schedule: berlin}], after: 10m}
  data:
    levels:
      - {page: [{person: chi}]}
channels: {push: {median: 5s}, sms: {median: 20s}}
severities:
  SEV1: {when: {any: [{burn: 14.4}, {customers: 0.2}]}, inform: [executives, support], roles: [commander]}
  SEV2: {when: {any: [{burn: 6}, {customers: 0.05}]}, inform: [support]}
teams:
  ml: {policy: serving}
  data: {policy: data}
  command: {members: [jo, kim]}
receivers: {pager: {team: ml}}
inform: [support]
"""

NY = "America/New_York"
Warn = Callable[..., list[str]]


@pytest.fixture
def warn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warn:
    """The warnings about the file with some of its parts replaced."""
    monkeypatch.chdir(tmp_path)

    def warn(*changes: tuple[str, str], at: str = "", text: str = ONCALL) -> list[str]:
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        Path("a.yaml").write_text(text)
        document = load(Path("a.yaml"))
        oncall = validate(document, OnCall)
        moment = datetime.fromisoformat(at) if at else default_moment(oncall, {})
        year = year_of(document, (), oncall, moment, {})
        warnings = oncall_lint.warnings(year, asks_for_moment=bool(at))
        return [str(warning).removeprefix("a.yaml:") for warning in sorted(set(warnings))]

    return warn


def test_a_good_file_has_no_warning(warn: Warn) -> None:
    assert warn() == []
    assert warn(at="2029-02-28") == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        # schedules
        ("hand_off: \"09:00\"}", "hand_off: \"09:00\", days: [Mon]}",
         "19:9: schedules.berlin.layers[0]: nobody is on call from Tue 2026-01-06 00:00 to Mon 00:00 Europe/Berlin, and 51 times more within a year: level 2 of serving pages nobody then"),
        ("hand_off: \"09:00\"}", "hand_off: \"09:00\", until: 2026-06-01}",
         "19:9: schedules.berlin.layers[0]: nobody is on call from Mon 2026-06-01 09:00 Europe/Berlin on: level 2 of serving pages nobody then"),
        ("hand_off: \"09:00\"}", "hand_off: \"09:00\", until: 2025-06-01}",
         "19:9: schedules.berlin.layers[0]: nobody is on call within a year of Mon 2026-01-05 00:00 Europe/Berlin: level 2 of serving pages nobody then"),
        ("Mon 09:00\"}", "Mon 09:00\", between: \"08:00-18:00\"}",
         f"9:3: schedules.primary: nobody is on call from Mon 2026-01-05 18:00 to Tue 08:00 {NY}, and 259 times more within a year: level 1 of serving pages nobody then"),
        # overrides
        ("person: ben}\n", "person: ben}\n      - {from: 2026-03-10T02:00, until: 2026-03-11T02:00, person: ana}\n",
         f"16:9: schedules.primary.overrides[1]: wins over overrides[0] of ben from Tue 2026-03-10 02:00 to 09:00 {NY}: the later in the file counts"),
        ("2026-03-09T18:00", "2026-03-08T02:30",
         f"15:16: schedules.primary.overrides[0].from: 02:30 does not exist on Sun 2026-03-08 in {NY}: 03:30 counts"),
        ("2026-03-10T09:00", "2026-11-01T01:30",
         f"15:41: schedules.primary.overrides[0].until: 01:30 is twice on Sun 2026-11-01 in {NY}: the first counts"),
        # hand-offs
        ("Mon 09:00", "Sun 02:30",
         f"12:40: schedules.primary.layers[0].hand_off: 02:30 does not exist on Sun 2026-03-08 in {NY}: 03:30 counts"),
        ("every: 1d, hand_off: \"09:00\"", "every: 8h, hand_off: \"10:30\"",
         "19:51: schedules.berlin.layers[0].hand_off: 02:30 does not exist on Sun 2026-03-29 in Europe/Berlin: 03:30 counts"),
        ("18:00-08:00", "18:00-01:30",
         f"13:34: schedules.primary.layers[1].between: 01:30 is twice on Sun 2026-11-01 in {NY}: the first counts"),
        # zones
        ("ana: {zone: America/New_York", "ana: {zone: EST", "4:15: people.ana.zone: EST has no summer time; did you mean 'America/New_York'?"),
        ("{zone: Europe/Berlin}", "{zone: Etc/GMT-1}", "5:15: people.ben.zone: Etc/GMT-1 is 1 h ahead of UTC: its sign is inverted"),
        ("dee: {}", "dee: {asleep: \"23:00-07:00\"}", "7:17: people.dee.asleep: there is no zone, so it is by the clock of UTC"),
        ("[{person: chi}]", "[{person: ana}, {person: chi}], days: [Mon, Tue, Wed, Thu, Fri, Sat, Sun]",
         "28:54: policies.data.levels[0].days: there is no zone, so it is by the clock of UTC"),
        ("  berlin:\n    zone: Europe/Berlin\n    layers:\n      - {people: [ben, chi], every: 1d, hand_off: \"09:00\"}",
         "  berlin:\n    layers:\n      - {people: [ben], every: 1d, hand_off: \"09:00\"}",
         "18:46: schedules.berlin.layers[0].hand_off: there is no zone, so it is by the clock of UTC"),
        # policies
        ("[{person: chi}]", "[{person: chi}], between: \"08:00-22:00\"",
         "26:3: policies.data: reaches nobody from Sun 2026-01-04 22:00 to Mon 08:00 UTC, and 365 times more within a year: no level is used then"),
        ("[{person: chi}]", "[{person: chi}], days: [Mon, Wed]",
         "26:3: policies.data: reaches nobody from Tue 2026-01-06 00:00 to Wed 00:00 UTC, and 103 times more within a year: no level is used then"),
        # entries that nothing uses
        ("  dee: {}\n", "  dee: {}\n  eli: {}\n", "8:3: people.eli: is in no schedule, policy or team: nobody can page them"),
        ("[{schedule: berlin}]", "[{person: ben}]", "16:3: schedules.berlin: no policy uses it"),
        ("data: {policy: data}", "data: {members: [fay]}", "26:3: policies.data: no team has it: nobody is paged over it"),
        # people
        ("{channels: [push]}", "{channels: [push], busy: 1}", "6:33: people.chi.busy: given 1: they miss every page"),
        ("push: {median: 5s}", "push: {median: 5s, loss: 1}", "6:19: people.chi.channels: all their channels lose every page"),
        ("push: {median: 5s}, sms: {median: 20s}", "push: {median: 5s, wakes: 0}",
         "4:41: people.ana.asleep: no channel wakes them: they miss every page in 23:00-07:00"),
        # channels and lists
        ("{channels: [push]}", "{channels: []}", "6:19: people.chi.channels: is empty: they have all channels"),
        ("sms: {median: 20s}", "sms: {median: 20s, after: 10m}",
         "29:32: channels.sms: is never used: it comes after 10m, and no page waits for somebody longer than 10m"),
        ("{policy: data}", "{policy: data, called_by: []}", "35:35: teams.data.called_by: is empty: every team may page it"),
        ("days: [Sat, Sun]", "days: []", "13:55: schedules.primary.layers[1].days: is empty: it holds on every day"),
        # severities
        ("burn: 6", "burn: 14.4", "32:23: severities.SEV2.when.any[0]: burn 14.4 is SEV1 already: it never makes a SEV2"),
        ("SEV2:", "SEV5:", "32:3: severities.SEV5: is no incident: nobody has to declare it or be informed of it"),
        ("[support]}", "[suport]}", "32:64: severities.SEV2.inform[0]: 'suport' is a reader of its own; did you mean 'support'?"),
        ("[commander]", "[comander]", "31:96: severities.SEV1.roles[0]: 'comander' is a role of its own; did you mean 'commander'?"),
    ],
)  # fmt: skip
def test_a_gap_is_a_warning_in_its_place(warn: Warn, old: str, new: str, line: str) -> None:
    assert warn((old, new)) == [line]


def test_a_policy_whose_only_schedule_ends_reaches_nobody(warn: Warn) -> None:
    ends = ('hand_off: "09:00"}', 'hand_off: "09:00", until: 2026-06-01}')
    only = ("      - {page: [{schedule: primary}], after: 5m}\n", "")
    assert [line.partition(" Mon 2026")[0] for line in warn(ends, only)] == [
        "9:3: schedules.primary: no policy uses it",
        "19:9: schedules.berlin.layers[0]: nobody is on call from",
        "21:3: policies.serving: reaches nobody from",
    ]


def test_schedules_of_one_level_cover_each_others_holes(warn: Warn) -> None:
    day = ('hand_off: "09:00"}', 'hand_off: "09:00", between: "09:00-21:00"}')
    night = (
        "policies:",
        '  night: {zone: Europe/Berlin, layers: [{people: [dee], between: "21:00-09:00"}]}\npolicies:',
    )
    both = ("[{schedule: berlin}]", "[{schedule: berlin}, {schedule: night}]")
    person = ("[{schedule: berlin}]", "[{schedule: berlin}, {person: ana}]")
    assert warn(day, night, both) == []
    assert "19:9: schedules.berlin.layers[0]: nobody is on call from Sun" in warn(day, person)[0]
    late = (night[0], night[1].replace("21:00-", "22:00-"))
    assert all(
        "from Mon 2026-01-05 21:00 to 22:00 Europe/Berlin" in line for line in warn(day, late, both)
    )


def test_a_level_of_a_team_without_anybody_on_its_first_level(warn: Warn) -> None:
    lines = warn(
        ("[{person: chi}]", "[{team: ml}]"), ('Mon 09:00"}', 'Mon 09:00", until: 2026-01-12}')
    )
    assert (
        "28:9: policies.data.levels[0]: pages nobody from Mon 2026-01-12 14:00 to Sat 23:00 UTC"
        in "\n".join(lines)
    )
    assert "the first level of ml has nobody" in "\n".join(lines)


def test_past_overrides_are_left_alone(warn: Warn) -> None:
    second = "      - {from: 2026-03-10T02:00, until: 2026-03-11T02:00, person: ana}\n"
    change = ("person: ben}\n", f"person: ben}}\n{second}")
    assert len(warn(change, at="2026-03-10T12:00:00-04:00")) == 0
    assert len(warn(change, at="2026-03-10")) == 1


def test_three_overrides_on_each_other_are_two_warnings(warn: Warn) -> None:
    more = "".join(
        f"      - {{from: 2026-03-09T2{n}:00, until: 2026-03-10T09:00, person: {who}}}\n"
        for n, who in enumerate(("ana", "dee"))
    )
    lines = warn(("person: ben}\n", f"person: ben}}\n{more}"))
    assert [line.partition(" from ")[0] for line in lines] == [
        "16:9: schedules.primary.overrides[1]: wins over overrides[0] of ben",
        "17:9: schedules.primary.overrides[2]: wins over overrides[0] of ben, and over 1 more",
    ]


def test_a_moment_with_a_time_of_day_tells_who_sleeps(warn: Warn) -> None:
    text = f"ana is on call at Thu 2026-01-08 03:10 {NY} and sleeps: it is 03:10 in {NY}"
    assert warn(at="2026-01-08T03:10") == [f"9:3: schedules.primary: {text}"]
    assert warn(at="2026-01-08T13:10") == warn(at="2026-01-08") == []


def test_the_date_of_a_bare_file_follows_from_its_own_dates() -> None:
    def day(**schedule: object) -> str:
        oncall = OnCall.model_validate({
            "oncall": 1, "name": "org", "people": {"ana": {}}, "teams": {"ml": {"members": ["ana"]}},
            "schedules": {"primary": {"zone": "Europe/Berlin", **schedule}} if schedule else {},
        })  # fmt: skip
        return default_moment(oncall, {}).isoformat(timespec="minutes")

    def layer(**keys: str) -> dict[str, object]:
        return {"people": ["ana"], **keys}

    def override(start: str) -> dict[str, str]:
        return {"from": start, "until": "2031-01-01T00:00", "person": "ana"}

    assert day() == day(layers=[layer()]) == "2026-01-05T00:00"
    assert day(layers=[layer(starts="2027-01-01")]) == "2027-01-04T00:00"
    until = layer(starts="2027-06-01", hand_off="09:00", until="2040-01-01")
    assert day(layers=[until]) == "2027-06-01T09:00"
    # A second layer that starts later leaves the date.
    assert day(layers=[layer(), until]) == "2027-01-04T00:00"
    assert day(layers=[layer()], overrides=[override("2030-05-01T09:00Z")]) == "2030-01-07T00:00"
    assert day(overrides=[override("2030-05-01T09:00Z")]) == "2030-05-01T11:00"


def test_check_names_its_date(warn: Warn, capsys: pytest.CaptureFixture[str]) -> None:
    warn(('hand_off: "09:00"}', 'hand_off: "09:00", until: 2026-06-01}'))
    assert call(["check", "a.yaml"]) == 0
    output = capsys.readouterr()
    assert output.out == "ok a.yaml (oncall, who is on call from 2026-01-05 on)\n"
    assert output.err.startswith(
        "a.yaml:19:9: warning: schedules.berlin.layers[0]: nobody is on call from Mon 2026-06-01 09:00"
    )
    assert call(["check", "--at", "2026-11-01", "--strict", "a.yaml"]) == 2
    assert (
        "nobody is on call within a year of Sun 2026-11-01 00:00 Europe/Berlin"
        in capsys.readouterr().err
    )
    assert call(["check", "--at", "tomorrow", "a.yaml"]) == 2
    assert (
        capsys.readouterr()
        .err.strip()
        .endswith(
            "--at: 'tomorrow' is not a moment; write for example 2026-11-01T01:30 or 2026-11-01"
        )
    )


def scenario_lines(*sets: str) -> list[str]:
    document, scenario = parse(SMALL, sets)
    bound = bind_names(document, scenario)
    year = year_of(document, ("oncall",), bound.oncall, scenario.starts_at, {})
    warnings = oncall_lint.scenario_warnings(year, scenario.plays, bound.alertmanager.receivers)
    return [f"{warning.path}: {warning.text}" for warning in warnings]


def test_a_team_that_only_itself_could_call_is_a_warning_in_a_scenario() -> None:
    assert scenario_lines() == []
    circle = {
        "a": {"members": ["ana"], "called_by": ["b"]},
        "b": {"members": ["ben"], "called_by": ["a"]},
    }
    lines = scenario_lines(
        *(f"oncall.teams.{name}={json.dumps(team)}" for name, team in circle.items())
    )
    assert lines == [
        "oncall.teams.a.called_by: nobody in this drill may page a: b cannot be paged either",
        "oncall.teams.b.called_by: nobody in this drill may page b: a cannot be paged either",
    ]


def test_a_receiver_that_alertmanager_lacks_is_a_warning_in_a_scenario() -> None:
    assert scenario_lines('oncall.receivers.pagr={"team": "ml"}')[0].startswith(
        "oncall.receivers.pagr: Alertmanager has no receiver of this name"
    )


CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
SUMMARY:ana
DTSTART;TZID=Europe/Berlin:20280306T090000
DTEND;TZID=Europe/Berlin:20280313T090000
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:ben
DTSTART;TZID=Europe/Berlin:20280313T180000
DTEND;TZID=Europe/Berlin:20280320T090000
END:VEVENT
END:VCALENDAR
"""
WITH_CALENDAR = """\
oncall: 1
name: org
people: {ana: {}, ben: {}, chi: {}}
schedules:
  primary: {zone: Europe/Berlin, ical: primary.ics}
policies:
  serving: {levels: [{page: [{schedule: primary}, {person: chi}]}]}
teams:
  ml: {policy: serving}
"""


def test_a_calendar_is_checked_from_its_first_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(WITH_CALENDAR)
    assert call(["check", "a.yaml"]) == 2
    assert capsys.readouterr().err.startswith("a.yaml:5:40: schedules.primary.ical: ")
    Path("primary.ics").write_text(CALENDAR)
    assert call(["check", "a.yaml"]) == 0
    output = capsys.readouterr()
    assert output.out == "ok a.yaml (oncall, who is on call from 2028-03-06 on)\n"
    hole = "nobody is on call from Mon 2028-03-13 09:00 to 18:00 Europe/Berlin, and once more within a year"
    assert output.err == f"a.yaml:5:40: warning: schedules.primary.ical: {hole}\n"
