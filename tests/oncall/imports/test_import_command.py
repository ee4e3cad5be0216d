"""`drill oncall import`: the file, the warnings, the calendar beside it."""

import pytest

from simulator.cli import call
from tests.oncall.imports.conftest import HERE

FILES = ("pagerduty", "pagerduty_schedulev2", "grafana", "incident_io", "plan")


@pytest.mark.parametrize("name", FILES)
def test_what_is_written_is_valid(name, tmp_path, capsys):
    out = tmp_path / "oncall.yaml"
    assert call(["oncall", "import", str(HERE / f"{name}.json"), "--out", str(out)]) == 0
    assert "warning: " in capsys.readouterr().err
    assert call(["check", str(out)]) == 0
    assert f"# Made by drill oncall import from {name}.json." in out.read_text()


def test_a_plan_has_addresses_in_place_of_ids(imported):
    oncall = imported("plan.json").oncall
    assert list(oncall.people) == ["ben", "ana", "chi"]
    # Chi is looked up: she stands in the state before the plan.
    assert oncall.schedules["primary"].layers[0].people == ("ana", "chi")
    assert oncall.policies["serving"].levels[0].page[0].schedule == "primary"


def test_a_calendar_is_copied_beside_the_file(tmp_path, capsys):
    out = tmp_path / "made" / "oncall.yaml"
    out.parent.mkdir()
    assert call(["oncall", "import", str(HERE / "platform.ics"), "--out", str(out)]) == 0
    assert "ATTENDEE, DESCRIPTION of events" in capsys.readouterr().err
    assert (out.parent / "platform.ics").read_text() == (HERE / "platform.ics").read_text()
    assert "ana-maria-silva: {}\n  ben-wu: {}\n  chi: {}\n" in out.read_text()
    assert call(["check", str(out)]) == 0
    capsys.readouterr()
    for moment, person in (
        ("2026-03-09T08:59", "ana-maria-silva"),
        ("2026-03-09T09:00", "ben-wu"),
        ("2026-03-11T09:00", "chi"),
        ("2026-03-23T09:00", "nobody"),  # Ben's shift is excluded
        ("2026-03-30T09:00", "ana-maria-silva"),
    ):
        at = f"{moment}-04:00"
        assert call(["oncall", "show", str(out), "--at", at, "--days", "1"]) == 0
        assert f"platform  {person} " in capsys.readouterr().out, moment


CALENDAR = """\
BEGIN:VCALENDAR
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VEVENT
SUMMARY:On call: Ana
DTSTART:20260309T080000
DURATION:P7D
END:VEVENT
BEGIN:VEVENT
SUMMARY:Ben / Chi (primary)
DTSTART:20260316T080000
DURATION:P7D
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar_has_its_zone_and_names_without_additions(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rota.ics").write_text(CALENDAR)
    assert call(["oncall", "import", "rota.ics", "--out", "rota.yaml"]) == 0
    warned = capsys.readouterr().err
    assert "'Ben / Chi (primary)' seems to name 2 people: it is one person here" in warned
    text = (tmp_path / "rota.yaml").read_text()
    assert "  ana: {}\n  ben-chi: {}\n" in text
    assert "rota: {zone: Europe/Berlin, ical: rota.ics}" in text
    assert call(["check", "rota.yaml"]) == 0
    # The calendar is there already, and stays what it is.
    assert call(["oncall", "import", "rota.ics", "--out", "again.yaml"]) == 0
    assert call(["oncall", "import", "rota.ics", "--out", "rota.ics", "--force"]) == 2
    assert "rota.ics is the imported file itself" in capsys.readouterr().err
    assert (tmp_path / "rota.ics").read_text() == CALENDAR


def test_a_file_is_not_overwritten_unless_told_to(tmp_path, capsys):
    out = tmp_path / "oncall.yaml"
    out.write_text("mine")
    command = ["oncall", "import", str(HERE / "plan.json"), "--out", str(out)]
    assert call(command) == 2
    assert "--force overwrites it" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert call([*command, "--force"]) == 0
    assert out.read_text().startswith("# Made by")


def test_the_period_of_overrides(capsys):
    command = ["oncall", "import", str(HERE / "pagerduty.json"), "--from", "2026-05-01"]
    assert call([*command, "--days", "3", "--name", "Acme AI"]) == 0
    out = capsys.readouterr().out
    assert "\nname: acme-ai\n" in out
    assert "- {from: 2026-05-01T00:00, until: 2026-05-01T20:00, person: ana-lee}" in out  # turn 40
    assert "2026-05-05" not in out
