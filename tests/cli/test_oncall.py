"""`drill oncall`: schedules on the command line."""

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


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("oncall.yaml", "offce"), "unknown schedule 'offce'; did you mean 'office'?"),
        (("oncall.yaml", "--at", "noon"), "'noon' is not a moment"),
        (("oncall.yaml", "--at", "0900-01-01"), "is not between the years 1970 and 2200"),
        (("oncal.yaml",), "oncal.yaml: "),
        (("short.yaml",), "has no schedules"),
    ],
)
def test_a_mistake_is_a_clear_line(words, message, drill):
    code, out, err = drill("show", *words)
    assert (code, out) == (2, "")
    assert message in err


def test_an_unknown_command_gets_a_suggestion(drill):
    code, _, err = drill("shwo")
    assert code == 2
    assert "unknown command 'shwo'; did you mean 'show'?" in err
