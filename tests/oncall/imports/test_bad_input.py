"""Bad input: a clear line each, exit 2, bounded."""

import json
import zipfile

import pytest

from simulator.cli import call
from simulator.source import SourceError
from tests.oncall.imports.conftest import HERE, import_path

STATE = '{"format_version": "1.0", "values": {"root_module": {"resources": [%s]}}}'


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("", "is not valid JSON: Expecting value at line 1 column 1; was the file cut?"),
        ('resource "pagerduty_user" "ana" {', "is neither JSON nor a calendar"),
        ((HERE / "grafana.json").read_text()[:3000], "was the file cut?"),
        ("[" * 100_000, "is not valid JSON: nested too deeply"),
        ("[" * 200 + "]" * 200, "is nested deeper than 150 levels"),
        ("[1, 2]", "is not the output of terraform show -json (no format_version)"),
        ('{"version": 4, "lineage": "x", "resources": []}', "(a raw state; no format_version)"),
        (
            '{"format_version": "1.0"}',
            "has nobody on call: no policies and no schedules; it has no",
        ),
        (
            STATE % '{"address": "aws_instance.a", "type": "aws_instance", "values": {}}',
            "no schedules; it has aws_instance",
        ),
        (STATE % '{"type": "pagerduty_user"}', "(no addresses)"),
    ],
)
def test_a_file_that_is_no_state(text, complaint, tmp_path, capsys):
    file = tmp_path / "state.json"
    file.write_text(text)
    assert call(["oncall", "import", str(file)]) == 2
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1


def test_a_file_that_is_too_large(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("simulator.oncall.imports.terraform.MOST_BYTES", 2**20)
    file = tmp_path / "state.json"
    file.write_text("x" * (2**20 + 1))
    assert call(["oncall", "import", str(file)]) == 2
    assert "state.json: is larger than 1 MB" in capsys.readouterr().err


def test_a_saved_plan_is_not_its_json(tmp_path, capsys):
    file = tmp_path / "plan.out"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("tfplan", b"\xff\xfe" * 40)
    assert call(["oncall", "import", str(file)]) == 2
    assert "a saved plan? use terraform show -json PLAN" in capsys.readouterr().err


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert call(["oncall", "import", str(tmp_path / "none.json")]) == 2
    assert "No such file" in capsys.readouterr().err


def layer(**changes):
    plain = {
        "start": "2026-03-02T09:00:00Z",
        "rotation_virtual_start": "2026-03-02T09:00:00Z",
        "rotation_turn_length_seconds": 604_800,
        "users": ["U1"],
    }
    return plain | changes


@pytest.mark.parametrize(
    "changes, complaint",
    [
        ({"users": ["U1", "U9"]}, "layer[0].users: unknown user 'U9': no resource or look-up has"),
        ({"users": "Ana"}, "layer[0].users: unknown user 'Ana'"),
        ({"users": [1]}, "layer[0].users: expected a list of texts, given a list of 1"),
        ({"users": [None]}, "layer[0].users: is missing, or not known before terraform apply"),
        ({"start": "soon"}, "layer[0].start: 'soon' is not a moment in ISO 8601"),
        ({"start": None}, "layer[0].start: is missing"),
        ({"rotation_turn_length_seconds": 0}, "0 is less than a minute"),
        ({"rotation_turn_length_seconds": "week"}, "expected a whole number, given 'week'"),
        ({"rotation_turn_length_seconds": 10**30}, "is out of range"),
        (
            {"restriction": [{"type": "monthly"}]},
            "expected daily_restriction, or weekly_restriction",
        ),
        ({"restriction": 3}, "layer[0].restriction: expected blocks, given 3"),
    ],
)
def test_a_layer_that_is_not_valid(import_state, changes, complaint):
    with pytest.raises(SourceError) as error:
        import_state({
            "pagerduty_user.ana": {"id": "U1", "name": "Ana"},
            "pagerduty_schedule.s": {"id": "S", "time_zone": "UTC", "layer": [layer(**changes)]},
        })  # fmt: skip
    assert complaint in str(error.value)
    assert "state.json: pagerduty_schedule.s" in str(error.value)


def test_all_errors_are_reported_together(import_state):
    with pytest.raises(SourceError) as error:
        import_state({
            "pagerduty_schedule.a": {"id": "S", "time_zone": "Europe/Berln", "layer": [layer()]},
            "pagerduty_escalation_policy.p": {
                "id": "P", "name": "P", "rule": [
                    {"escalation_delay_in_minutes": 5,
                     "target": [{"type": "schedule_reference", "id": "none"}]}]},
        })  # fmt: skip
    texts = [complaint.text for complaint in error.value.complaints]
    assert len(texts) == 3
    assert "unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?" in texts


def test_a_plan_whose_references_are_not_known(tmp_path):
    plan = json.loads((HERE / "plan.json").read_text())
    del plan["configuration"]
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan))
    with pytest.raises(SourceError, match="not known before terraform apply: show the state"):
        import_path(file)


def test_a_calendar_that_is_cut(tmp_path, capsys):
    file = tmp_path / "cut.ics"
    file.write_text((HERE / "platform.ics").read_text()[:400])
    assert call(["oncall", "import", str(file)]) == 2
    assert "is the file cut?" in capsys.readouterr().err


def test_a_calendar_that_names_nobody(tmp_path, capsys):
    file = tmp_path / "empty.ics"
    file.write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    assert call(["oncall", "import", str(file)]) == 2
    assert "names nobody" in capsys.readouterr().err
