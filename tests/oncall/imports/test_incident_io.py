"""incident.io: versions of rotations, working intervals, people at once, escalation paths."""

import pytest

from tests.oncall.imports.conftest import on_call

DAYS, WEEKEND, SHADOW = "primary-on-call", "primary-on-call-2", "primary-on-call-3"


@pytest.mark.parametrize(
    "schedule, moment, person",
    [
        (DAYS, "2026-01-05T09:00", "ana-lee"),
        (DAYS, "2026-01-12T09:00", "ben-wu"),
        (DAYS, "2026-03-02T08:59", "ben-wu"),  # week 7 of the first version
        (DAYS, "2026-03-02T09:00", "chi-sato"),  # 32 days of work since January: the third of three
        (DAYS, "2026-03-03T09:00", "ana-lee"),
        (DAYS, "2026-03-05T12:00", "chi-sato"),
        (DAYS, "2026-03-06T12:00", None),  # Friday
        (DAYS, "2026-03-09T12:00", "ana-lee"),  # after Chi, whatever the days between
        (WEEKEND, "2026-03-06T17:00", "ben-wu"),
        (WEEKEND, "2026-03-09T17:00", "chi-sato"),
        (WEEKEND, "2026-03-13T17:00", "ben-wu"),
        (SHADOW, "2026-03-06T17:00", "chi-sato"),
        ("secondary", "2026-03-01T06:00", "ana-lee"),
        ("secondary", "2026-03-01T14:00", "ben-wu"),
        ("secondary", "2026-03-01T22:00", None),  # the slot of nobody
        ("secondary", "2026-03-02T06:00", "ana-lee"),
        ("secondary-2", "2026-03-02T10:00", None),  # not in effect yet
        ("secondary-2", "2026-03-09T10:00", "ben-wu"),  # the second week since it was counted from
        ("secondary-3", "2026-03-09T10:00", "chi-sato"),  # the neighbour, at the same time
        ("secondary-2", "2026-03-13T12:00", None),
        ("secondary-2", "2026-03-16T16:59", "chi-sato"),
    ],
)
def test_who_is_on_call(imported, schedule, moment, person):
    assert on_call(imported("incident_io.json").oncall, schedule, moment) == person


def test_branches_by_working_hours_are_conditions_of_levels(imported):
    policy = imported("incident_io.json").oncall.policies["urgent-support"]
    hours = [(str(level.between or ""), level.days) for level in policy.levels]
    inside = ("09:00-17:00", ("Mon", "Tue"))
    assert hours == [
        inside, inside,
        ("00:00-09:00", ("Mon", "Tue")),
        ("", ("Wed", "Thu", "Fri", "Sat", "Sun")),
        ("17:00-24:00", ("Mon", "Tue")),
        ("", ()), ("", ()),
    ]  # fmt: skip
    assert (policy.zone, policy.repeat) == ("Europe/London", 3)


def test_retries_are_levels_and_a_delay_lengthens_the_one_before(imported):
    first, second, *_ = imported("incident_io.json").oncall.policies["urgent-support"].levels
    # Paged twice within five minutes, the second time after one; then two minutes of delay.
    assert (first.after, second.after) == (60_000, (300 - 60 + 120) * 1000)


def test_targets_of_a_level(imported):
    *_, robin, everybody = imported("incident_io.json").oncall.policies["urgent-support"].levels
    assert robin.page[0].round_robin == ("ana-lee", "ben-wu")
    assert [target.person for target in everybody.page] == ["ana-lee", "ben-wu", "chi-sato"]


@pytest.mark.parametrize(
    "text",
    [
        "ack_mode: the first acknowledgement takes the page here",
        "targets[0].urgency: low",
        "alert.priority: taken as true, its else_path is left out",
        "schedule_mode: next_on_call: the next person on call cannot be paged here",
        "msteams_channel pages nobody here",
        "voicemail cannot be carried over",
        "holidays_public_config (country_codes)",
        "repeat_config (delay_repeat_on_activity, repeat_after_seconds), team_ids",
        "users: people take turns in the order of the list; fair mode may not",
        "2 people at once are taken as neighbours in the list",
    ],
)
def test_what_is_not_carried_over_is_named(imported, text):
    assert text in imported("incident_io.json").remarks
