"""PagerDuty: layers, restrictions, policies, notification rules; the table is worked out by hand."""

import pytest

from tests.oncall.imports.conftest import on_call

ANA, BEN, CHI, DEE = "ana-lee", "ben-muller", "chi", "ana-lee-2"


@pytest.mark.parametrize(
    "moment, person",
    [
        ("2026-01-05T08:59", None),  # before the start
        ("2026-01-05T09:00", ANA),
        ("2026-01-06T05:29", ANA),
        ("2026-01-06T05:30", DEE),  # Early is above Weekly
        ("2026-01-06T07:00", ANA),
        ("2026-01-12T09:00", BEN),  # Office hours have not begun: no turn of theirs
        ("2026-01-19T08:59", BEN),
        ("2026-01-19T09:00", DEE),  # turn 14 of Office hours
        ("2026-01-19T17:00", CHI),
        ("2026-01-20T09:00", BEN),  # turn 15
        ("2026-01-21T12:00", CHI),  # Wednesday: no office hours, their turns go on
        ("2026-01-26T12:00", BEN),  # turn 21
        ("2026-03-08T12:00", CHI),  # clocks went forward that night; week 8
        ("2026-03-09T08:59", CHI),
        ("2026-03-09T09:00", BEN),  # 09:00 by the new clock; turn 63 of Office hours
        ("2026-03-09T17:00", ANA),  # week 9
        ("2027-01-04T12:00", BEN),  # Office hours ended at 09:00; week 52
    ],
)
def test_who_is_on_call_in_the_layers(imported, moment, person):
    assert on_call(imported("pagerduty.json").oncall, "primary", moment) == person


@pytest.mark.parametrize(
    "moment, person",
    [
        ("2026-03-01T08:00", ANA),
        ("2026-03-02T20:00", BEN),
        ("2026-03-04T08:00", ANA),
        ("2026-03-29T19:59", ANA),  # clocks went forward that night
        ("2026-03-29T20:00", BEN),
        ("2026-06-01T00:00", None),  # the end of the overrides
    ],
)
def test_turns_that_no_layer_has_are_overrides(imported, moment, person):
    file = imported("pagerduty.json")
    assert on_call(file.oncall, "thirty-six-hours", moment) == person
    assert "(Odd): no layer has these shifts: overrides from 2026-03-01 until 2026" in file.remarks


def test_a_policy_with_its_team_and_service(imported):
    oncall = imported("pagerduty.json").oncall
    policy = oncall.policies["model-serving"]
    first, second, third = policy.levels
    assert [target.schedule for target in first.page] == ["primary"]
    assert first.after == 10 * 60_000
    assert second.page[0].round_robin == (CHI, DEE)
    assert [target.person or target.schedule for target in third.page] == [ANA, "primary"]
    assert policy.repeat == 2
    assert oncall.teams["ml-platform"].policy == "model-serving"
    assert oncall.receivers["prediction-api"].policy == "model-serving"


def test_notification_rules_are_channels(imported):
    oncall = imported("pagerduty.json").oncall
    assert oncall.people[ANA].channels == ("push", "sms-5m")
    assert oncall.channels["sms-5m"].after == 5 * 60_000


def test_people_have_names_that_the_format_has(imported):
    people = imported("pagerduty.json").oncall.people
    # 千夏 is named by her address; the second Ana Lee has a number.
    assert list(people) == [ANA, BEN, CHI, DEE]
    assert people[ANA].zone == "America/New_York"
    assert people[BEN].zone == "UTC"


def test_a_layer_that_starts_within_a_turn_starts_at_its_hand_off(import_state):
    layer = {
        "start": "2026-03-04T12:00:00Z",
        "rotation_virtual_start": "2026-03-02T09:00:00Z",
        "rotation_turn_length_seconds": 3 * 86_400,
        "users": ["U1", "U2"],
    }
    file = import_state({
        "pagerduty_user.ana": {"id": "U1", "name": "Ana"},
        "pagerduty_user.ben": {"id": "U2", "name": "Ben"},
        "pagerduty_schedule.primary": {"id": "S", "name": "P", "time_zone": "UTC", "layer": [layer]},
    })  # fmt: skip
    assert on_call(file.oncall, "p", "2026-03-05T08:59") == "ana"
    assert on_call(file.oncall, "p", "2026-03-05T09:00") == "ben"
    assert "starts at 2026-03-02 09:00:00, not 2026-03-04 12:00:00" in file.remarks


def test_a_team_without_a_policy_has_its_members(import_state):
    file = import_state({
        "pagerduty_user.ana": {"id": "U1", "name": "Ana"},
        "pagerduty_team.data": {"id": "T", "name": "Data"},
        "pagerduty_team_membership.ana": {"user_id": "U1", "team_id": "T"},
    })  # fmt: skip
    assert file.oncall.teams["data"].members == ("ana",)
    assert "no policy: its members take weekly turns" in file.remarks
