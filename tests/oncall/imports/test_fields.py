"""Nothing is lost in silence: a field that changes shows in the file, a remark or an error."""

import copy
import json

import pytest

from simulator.source import SourceError
from tests.oncall.imports.conftest import HERE, import_path

FILES = ("pagerduty.json", "pagerduty_schedulev2.json", "grafana.json", "incident_io.json")
# Who a resource is; a field that is the default of another; what the state computed.
SILENT = ("id",)


def leaves(value, path=()):
    """Every path to a plain value."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in children if isinstance(value, dict | list) else ():
        if isinstance(child, dict | list):
            yield from leaves(child, (*path, key))
        elif child not in (None, ""):
            yield (*path, key)


def other(value):
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"x{value}"


def resources(state):
    module = state["values"]["root_module"]
    return [row for m in (module, *module.get("child_modules", ())) for row in m["resources"]]


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_field_that_is_dropped_is_named(name, tmp_path):
    state = json.loads((HERE / name).read_text())
    plain = import_path(HERE / name, name="all")
    lost = []
    for number, row in enumerate(resources(state)):
        for path in leaves(row["values"]):
            names = [key for key in path if isinstance(key, str)]
            if names[-1] in SILENT or names[-1] in plain.remarks:
                continue
            changed = copy.deepcopy(state)
            place = resources(changed)[number]["values"]
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = other(place[path[-1]])
            file = tmp_path / "state.json"
            file.write_text(json.dumps(changed))
            try:
                changed_import = import_path(file, name="all")
            except SourceError:
                continue
            if (changed_import.text, changed_import.remarks) == (
                plain.text.replace(name, "state.json"),
                plain.remarks,
            ):
                lost.append((row["address"], path))
    assert lost == []


@pytest.mark.parametrize(
    "name, fields",
    [
        (
            "pagerduty.json",
            "avatar_url, color, description, email, html_url, invitation_sent, job_title, license",
        ),
        ("pagerduty.json", "final_schedule (name, rendered_coverage_percentage)"),
        ("pagerduty.json", "support_hours (days_of_week, end_time, start_time, time_zone, type)"),
        ("pagerduty.json", "address, blacklisted, country_code, enabled, label, send_short_email"),
        ("pagerduty.json", "contact_method (id, type), handoff_type, notify_advance_in_minutes"),
        ("pagerduty.json", "pagerduty_tag: not carried over: pagerduty_tag.ml"),
        ("grafana.json", "routing_regex, routing_type, slack (channel_id, enabled)"),
    ],
)
def test_fields_without_a_place_are_listed(imported, name, fields):
    assert fields in imported(name).remarks


def test_remarks_are_comments_in_the_file(imported):
    text = imported("pagerduty.json").text
    assert "  # primary.teams: schedules here have no team (ML Platform)\n" in text
    assert "      # Office hours\n      - {people: [ana-lee-2, ben-muller]" in text


def test_the_same_file_gives_the_same_text():
    name = "pagerduty_schedulev2.json"
    assert import_path(HERE / name).text == import_path(HERE / name).text


def test_secrets_are_named_and_not_shown(imported):
    file = imported("grafana.json")
    assert "authorization_header" in file.remarks
    assert "hidden" not in file.text + file.remarks
