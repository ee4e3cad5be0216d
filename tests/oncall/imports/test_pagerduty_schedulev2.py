"""PagerDuty's shift-based schedules: rules, exceptions, slots with nobody, people at once."""

import pytest

from tests.oncall.imports.conftest import on_call

FIRST, SECOND, THIRD = (f"engineering-on-call{suffix}" for suffix in ("", "-2", "-3"))


@pytest.mark.parametrize(
    "schedule, moment, person",
    [
        (FIRST, "2026-03-02T08:59", None),
        (FIRST, "2026-03-02T09:00", "ana"),  # 14:00 UTC in winter
        (FIRST, "2026-03-06T16:59", "ana"),  # her fifth shift
        (FIRST, "2026-03-09T09:00", "ben"),  # 13:00 UTC in summer
        (FIRST, "2026-03-16T09:00", "ana"),
        (FIRST, "2026-03-07T12:00", "ana"),  # the weekend, with Chi
        (SECOND, "2026-03-07T12:00", "chi"),
        (SECOND, "2026-03-09T00:00", None),
        (FIRST, "2027-03-01T09:00", None),  # it stops just then
        (THIRD, "2026-03-02T18:00", "ben"),
        (THIRD, "2026-03-04T18:00", None),  # excluded
        (THIRD, "2026-03-05T18:00", None),  # added, and the turn of nobody
        (THIRD, "2026-03-07T05:59", "ben"),
        (THIRD, "2026-03-08T18:00", None),
        (THIRD, "2026-03-10T18:00", "ben"),
    ],
)
def test_who_is_on_call(imported, schedule, moment, person):
    assert on_call(imported("pagerduty_schedulev2.json").oncall, schedule, moment) == person


def test_people_at_once_are_paged_together(imported):
    file = imported("pagerduty_schedulev2.json")
    (level,) = file.oncall.policies["on-call"].levels
    assert [target.schedule for target in level.page] == [FIRST, SECOND, THIRD]
    assert "3 people at once: a schedule each" in file.remarks


def test_a_rule_by_days_is_a_layer_and_one_by_other_days_is_not(imported):
    schedules = imported("pagerduty_schedulev2.json").oncall.schedules
    weekdays, weekends = schedules[FIRST].layers
    assert (weekdays.people, weekdays.days[0], len(weekdays.days)) == (("ana", "ben"), "Mon", 5)
    assert weekends.days == ("Sat", "Sun")
    assert not schedules[FIRST].overrides
    assert len(schedules[THIRD].overrides) > 20


@pytest.mark.parametrize(
    "rule, complaint",
    [
        ("FREQ=SECONDLY", "'SECONDLY' is not one of the frequencies"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never comes true"),
        ("FREQ=DAILY;UNTIL=soon", "UNTIL is not a moment"),
        ("EXDATE:20260301", "expected one RRULE, given 0"),
    ],
)
def test_a_rule_that_is_none(import_state, rule, complaint):
    event = {
        "name": "Days", "start_time": "2026-03-02T09:00:00Z", "end_time": "2026-03-02T17:00:00Z",
        "effective_since": "2026-03-02T09:00:00Z", "recurrence": [rule],
        "assignment_strategy": [{"type": "rotating_member_assignment_strategy",
                                 "member": [{"type": "user_member", "user_id": "U1"}]}],
    }  # fmt: skip
    with pytest.raises(Exception, match=complaint):
        import_state({
            "pagerduty_user.ana": {"id": "U1", "name": "Ana"},
            "pagerduty_schedulev2.s": {
                "id": "S", "name": "P", "time_zone": "UTC", "rotation": [{"event": [event]}]
            },
        })  # fmt: skip
