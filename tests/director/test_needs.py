"""Whom an incident needs, from its scenario alone."""

import pytest

from simulator.director.needs import derive_needs
from simulator.run.header import Need
from simulator.session import Session
from simulator.setting import parse
from simulator.setting.bind import bind_names
from tests.small.playing import LATE, NULLS, SLOW

NEIGHBOUR = {"id": "noisy", "at": "10m", "fault": "noisy_neighbour", "args": {"node": 1}}
OWNERS = {
    "blind-spot": [("policy", ("observability",))],
    "delays-in-hours": [("hours", ("data-engineering",))],
    "expired-key": [("key", ("security",))],
    "false-alarm": [],
    "first-shift": [],
    "half-mended": [("hours", ("data-engineering",))],
    "lemon-node": [],
    "lost-node": [("dead", ("infrastructure",))],
    "padded-schedules": [],
    "rush-hour": [],
    "skewed-release": [],
    "slow-leak": [],
}


def owners(needs):
    return [(need.fault, need.teams) for need in needs if need.reason == "owner"]


@pytest.mark.parametrize("name", OWNERS)
def test_the_owners_that_a_shipped_drill_needs(name):
    document, scenario = parse(name)
    bound = bind_names(document, scenario)
    needs = derive_needs(bound.injects, bound.oncall, scenario.plays, scenario.expect)
    assert owners(needs) == OWNERS[name]
    # Its author names no other owners than those that follow from its faults.
    expect = scenario.expect.model_copy(update={"owner": ()})
    assert derive_needs(bound.injects, bound.oncall, scenario.plays, expect) == needs


@pytest.mark.parametrize(
    ("fault", "owner"),
    [
        (NULLS, [("nulls", ("data",))]),
        (LATE, [("late", ("data",))]),
        (SLOW, []),  # a rollback ends it
        (NEIGHBOUR, []),  # its node can be drained
    ],
    ids=lambda value: value["id"] if isinstance(value, dict) else "",
)
def test_an_owner_is_needed_if_nobody_else_can_end_the_fault(fault, owner, drill):
    setting = drill(fault, oncall__teams__command__owns=["cluster"])
    assert owners(setting.needs) == owner


def test_the_played_team_need_not_call_itself(drill):
    setting = drill(NULLS, oncall__teams__data__owns=[], oncall__teams__ml__owns=["feed"])
    assert owners(setting.needs) == []


def test_the_author_has_the_last_word_on_owners(drill):
    assert owners(drill(NULLS, LATE, expect={"owner": ["ml"]}).needs) == []
    assert owners(drill(NULLS, SLOW, expect={"owner": ["data", "command"]}).needs) == [
        ("nulls", ("data",)),
        ("", ("command",)),
    ]


def test_severities_over_time_and_readers(drill):
    """Before the first severity there is none; SEV5 after it is the end of another."""
    path = [{"from": f"{at}m", "is": level} for at, level in enumerate(("SEV5", "SEV3", "SEV5"))]
    setting = drill(expect={"severity": path, "inform": ["product"]})
    needs = [(need.reason, need.since, need.severity, need.teams) for need in setting.needs]
    assert needs == [
        ("severity", 60_000, "SEV3", ()),
        ("severity", 120_000, "SEV5", ()),
        ("inform", 0, None, ("product",)),
    ]


def test_needs_stand_in_the_header(drill):
    assert Session(drill(NULLS), 1).finish().header.needs == (Need("owner", "nulls", ("data",)),)
