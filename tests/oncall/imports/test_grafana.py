"""Grafana OnCall: shifts by levels, rolling users, steps of a chain."""

import pytest

from tests.oncall.imports.conftest import on_call


@pytest.mark.parametrize(
    "moment, first, second",
    [
        ("2026-03-02T09:30", "chi", "chi"),  # the rotation starts from index 1: Chi alone
        ("2026-03-02T10:00", "dee", "dee"),  # Office days take the place of both
        ("2026-03-02T16:00", "chi", "chi"),
        ("2026-03-04T10:00", "chi", "chi"),  # day by day, over selected days: Chi's Wednesday
        ("2026-03-06T10:00", "dee", "dee"),
        ("2026-03-09T09:00", "ana", "ben"),  # clocks went forward; Ana and Ben at once
        ("2026-03-09T10:00", "chi", "chi"),
        ("2026-03-11T10:00", "dee", "dee"),
        ("2026-03-16T12:00", "dee", "dee"),
        ("2026-03-20T17:59", "chi", "chi"),
        ("2026-03-20T18:00", "dee", "dee"),  # the release, of the highest level
    ],
)
def test_who_is_on_call_in_the_primary_schedule(imported, moment, first, second):
    oncall = imported("grafana.json").oncall
    assert on_call(oncall, "primary", moment) == first
    assert on_call(oncall, "primary-2", moment) == second


@pytest.mark.parametrize(
    "moment, person",
    [
        ("2026-03-02T14:00", "ben"),
        ("2026-03-02T14:30", None),
        ("2026-03-06T14:10", "ben"),
        ("2026-03-09T14:10", None),  # every other week
        ("2026-03-16T14:10", "ben"),
        ("2026-04-01T00:30", "ana"),
        ("2026-04-02T00:30", None),
    ],
)
def test_who_is_on_call_in_the_secondary_schedule(imported, moment, person):
    assert on_call(imported("grafana.json").oncall, "secondary", moment) == person


def test_steps_of_a_chain_are_levels(imported):
    policy = imported("grafana.json").oncall.policies["serving"]
    first, second = policy.levels
    pages = [target.schedule or target.person for target in first.page]
    # Without a wait between them, two steps page at the same time.
    assert pages == ["primary", "primary-2", "ben"]
    assert (first.after, second.after) == (600_000, 300_000)
    assert second.page[0].round_robin == ("chi", "dee")
    assert str(second.between) == "08:00-18:00"
    assert second.more_than.alerts == 3
    assert (policy.repeat, policy.late, policy.zone) == (5, True, "UTC")


@pytest.mark.parametrize(
    "text",
    [
        "s06.type: notify_next_on_call_from_schedule: the next person on call cannot be paged here",
        "s07.type: trigger_webhook",
        "s08.type: notify_user_group",
        "s09.type: notify_team_members",
        "s10.type: declare_incident",
        "s11.type: notify_whole_channel",
        "s14.type: resolve after the end of the chain",
        "schedule.feed.ical_url_primary: not downloaded",
        "schedule.web.type: its rotations are made outside of Terraform",
        "schedule.primary: not carried over: enable_web_overrides, ical_url_overrides",
        "ana_important.important: people have one list of rules here",
    ],
)
def test_what_is_not_carried_over_is_named(imported, text):
    assert text in imported("grafana.json").remarks


def test_personal_rules_are_channels_after_their_waits(imported):
    oncall = imported("grafana.json").oncall
    assert oncall.people["ana"].channels == ("push", "call-5m")
    assert oncall.receivers["production"].policy == "serving"
    assert oncall.teams["ml-platform"].policy == "serving"
