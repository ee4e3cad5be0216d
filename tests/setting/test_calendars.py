"""A schedule from a calendar file: bound with the scenario, kept in the run's folder."""

from __future__ import annotations

import json
import shutil

import pytest

from simulator.run.events import PageEvent
from simulator.setting import inputs, load, parse
from simulator.setting.bind import bind_names
from simulator.source import SourceError
from tests.small.playing import SLOW, SMALL, play_orders

CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
SUMMARY:Ben
DTSTART:20260302T090000Z
DURATION:P7D
RRULE:FREQ=WEEKLY
END:VEVENT
END:VCALENDAR
"""
ONCALL = {
    "oncall": 1,
    "name": "calendar",
    "people": {"ana": {}, "ben": {}},
    "schedules": {"primary": {"ical": "primary.ics"}},
    "policies": {"way": {"levels": [{"page": [{"schedule": "primary"}]}]}},
    "teams": {"ml": {"policy": "way"}, "data": {"members": ["dee"], "owns": ["store-key"]}},
    "receivers": {"pager": {"policy": "way"}},
    "inform": ["product"],
}


@pytest.fixture
def folder(tmp_path):
    for path in SMALL.parent.glob("*.y*ml"):
        shutil.copy(path, tmp_path)
    (tmp_path / "oncall.yaml").write_text(json.dumps(ONCALL))
    (tmp_path / "primary.ics").write_text(CALENDAR)
    return tmp_path


def test_a_calendar_says_who_is_paged_and_is_an_input_of_the_run(folder):
    setting = load(folder / "drill.yaml", [f"injects={json.dumps([SLOW])}"])
    sent = [event.person for event in play_orders(setting).of(PageEvent) if event.state == "sent"]
    assert sent == ["ben"]
    inputs.write(setting, folder / "inputs")
    again = load(folder / "inputs" / inputs.SCENARIO)
    assert again.organisation.shifts == setting.organisation.shifts


def test_a_calendar_that_names_a_stranger_is_told_with_its_line(folder):
    (folder / "primary.ics").write_text(CALENDAR.replace("Ben", "Benn"))
    with pytest.raises(SourceError, match=r"primary.ics:4:1: .*'Benn'; did you mean 'ben'"):
        load(folder / "drill.yaml")


def test_schedules_reach_beyond_the_end_of_a_long_drill(folder):
    """Two years in scrapes of an hour: somebody is on call to the last of them."""
    grid = ["tick=1h", "scrape_interval=1h", "alerting.evaluation_interval=1h", "warm_up=1h"]
    document, scenario = parse(folder / "drill.yaml", [*grid, "duration=730d"])
    organisation = bind_names(document, scenario).organisation
    end = int(scenario.starts_at.timestamp() * 1000) + scenario.duration
    assert organisation.on_call("primary", end) == "ben"
