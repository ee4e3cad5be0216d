"""Whom an incident needs, from its scenario alone."""

import pytest

from simulator.director.hops import shortest_ways
from simulator.director.needs import derive_needs
from simulator.oncall.organisation import Organisation
from simulator.run.header import ImpactBound
from simulator.run.need import Need
from simulator.scenario import OnCall
from simulator.session import Session
from simulator.setting import parse
from simulator.setting.bind import bind_names
from simulator.source import SourceError
from tests.small.playing import LATE, MINUTE, NULLS, SLOW

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
    "somebody-elses-feed": [("partition", ("flight-provider",))],
    "sunday-night": [],
}


def owners(needs):
    return [(need.fault, need.teams) for need in needs if need.reason == "owner"]


@pytest.mark.parametrize("name", OWNERS)
def test_the_owners_that_a_shipped_drill_needs(name):
    document, scenario = parse(name)
    bound = bind_names(document, scenario)
    needs = derive_needs(bound.injects, bound.organisation, scenario.plays, scenario.expect, 0)
    assert owners(needs) == OWNERS[name]
    # Its author names no other owners than those that follow from its faults.
    expect = scenario.expect.model_copy(update={"owner": ()})
    assert derive_needs(bound.injects, bound.organisation, scenario.plays, expect, 0) == needs


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
    """SEV5 is none; that there is none overrides the on-call file, too."""
    path = [{"from": f"{at}m", "is": level} for at, level in enumerate(("SEV5", "SEV3", "SEV5"))]
    setting = drill(expect={"severity": path, "inform": ["product"]})
    needs = [(need.reason, need.since, need.severity, need.teams) for need in setting.needs]
    assert needs == [
        ("severity", 0, "SEV5", ()),
        ("severity", 60_000, "SEV3", ()),
        ("severity", 120_000, "SEV5", ()),
        ("inform", 0, None, ("product",)),
    ]


def test_needs_stand_in_the_header(drill):
    header = Session(drill(NULLS, oncall__severities=LADDER), 1).finish().header
    assert header.needs[0] == Need("owner", "nulls", ("data",), hops=1)
    assert header.faults[0].owner == "data"
    assert header.hops == {"ml": 0, "data": 1, "command": 1}
    assert [(rule.severity, rule.any_of) for rule in header.ladder] == [
        ("SEV2", (ImpactBound(burn=6), ImpactBound(customers=0.05))),
        ("SEV4", (ImpactBound(outside=0),)),
        ("SEV5", (ImpactBound(outside=0),)),
    ]


# -- permission -----------------------------------------------------------------------------------


def calls(setting):
    reasons = ("owner", "permission", "time_box")
    return [need for need in setting.needs if need.reason in reasons]


BOTH = ["rollback", "release"]  # what ends a slow build
CORDON = ["cordon_node"]  # what ends a noisy neighbour, but for its owner


@pytest.mark.parametrize(
    ("may", "need"),
    [
        ({"with_approval": BOTH, "ask": "command"}, ("permission", "command", "rollback")),
        # It may release; the right move is the rollback.
        ({"with_approval": ["rollback"], "ask": "command"}, ("permission", "command", "rollback")),
        ({"with_approval": ["release"], "ask": "command"}, None),
        ({"with_approval": BOTH}, None),  # nobody outside approves: the target has no owner
        ({"never": ["rollback"], "with_approval": ["release"], "ask": "command"},
         ("permission", "command", "release")),
        ({"never": BOTH, "ask": "command"}, ("owner", "command", "")),
    ],
)  # fmt: skip
def test_rights_make_an_approver_or_an_owner_needed(may, need, drill):
    needs = [(n.reason, *n.teams, n.action) for n in calls(drill(SLOW, oncall__teams__ml__may=may))]
    assert needs == ([need] if need else [])


@pytest.mark.parametrize(
    ("fault", "may", "need"),
    [
        (NEIGHBOUR, {"with_approval": CORDON}, ("permission", "data", "cordon_node")),
        (NEIGHBOUR, {"never": CORDON}, ("owner", "data", "")),
        # As the note of the refused order: the owner first.
        (NEIGHBOUR, {"never": CORDON, "ask": "command"}, ("owner", "data", "")),
        (NULLS, {"never": ["fix_upstream"], "ask": "command"}, ("owner", "command", "")),
        (NULLS, {"with_approval": ["fix_upstream"], "ask": "command"},
         ("permission", "command", "fix_upstream")),
    ],
)  # fmt: skip
def test_the_owner_of_what_an_order_is_about_is_asked(fault, may, need, drill):
    """The played team owns the feed, data the cluster."""
    owns = {"oncall__teams__data__owns": ["cluster"], "oncall__teams__ml__owns": ["feed"]}
    setting = drill(fault, oncall__teams__ml__may=may, **owns)
    assert [(n.reason, *n.teams, n.action) for n in calls(setting)] == [need]


# -- time-box -------------------------------------------------------------------------------------


def policy(*levels):
    return {
        "oncall__people": {"ana": {}, "ben": {}},
        "oncall__policies": {"up": {"levels": levels}},
        "oncall__teams__ml": {"policy": "up"},
    }


ANA = [{"person": "ana"}]


def test_a_policy_states_when_another_team_is_needed(drill):
    """Levels of 5 and 10 min before it; a level at night does not count at noon."""
    levels = [
        {"page": ANA, "after": "5m"},
        {"page": ANA, "after": "30m", "between": "22:00-06:00"},
        {"page": [{"person": "ben"}], "after": "10m"},
        {"page": [{"team": "command"}, {"team": "data"}], "after": "10m"},
        {"page": [{"team": "command"}]},
    ]
    assert calls(drill(**policy(*levels))) == [
        Need("time_box", teams=("command",), after=15 * MINUTE, hops=0),
        Need("time_box", teams=("data",), after=15 * MINUTE, hops=0),
    ]
    # Who is paged at once needs no time-box, also where they are paged again.
    command = {"team": "command"}
    assert calls(drill(**policy({"page": [*ANA, command]}, {"page": [command]}))) == []


# -- what the author knows ------------------------------------------------------------------------


def test_the_author_replaces_the_calls_of_the_reasons_that_are_named(drill):
    box = {"to": "command", "reason": "time_box", "after": "30m"}
    approval = {"to": "command", "reason": "permission", "action": "retrain", "from": "5m"}
    setting = drill(NULLS, expect={"escalate": [approval, box]})
    assert calls(setting) == [
        Need("owner", "nulls", ("data",), hops=1),
        Need("permission", teams=("command",), action="retrain", since=5 * MINUTE, hops=1),
        Need("time_box", teams=("command",), since=0, after=30 * MINUTE, hops=1),
    ]
    assert calls(drill(NULLS, expect={"escalate": [{"to": "command"}]})) == [
        Need("owner", teams=("command",), hops=1)
    ]
    assert calls(drill(NULLS, expect={"escalate": []})) == []


@pytest.mark.parametrize(
    ("escalation", "message"),
    [
        ({"to": "ml"}, "expect.escalate[0].to: ml is the played team"),
        ({"to": "comand"}, "expect.escalate[0].to: unknown team 'comand'; did you mean 'command'?"),
        ({"to": "command", "reason": "permission", "action": "retran"},
         "expect.escalate[0].action: unknown action 'retran'; did you mean 'retrain'?"),
        ({"to": "command", "reason": "time_box"},
         "expect.escalate[0]: a time_box needs `after`, the time without progress"),
        ({"to": "command", "after": "30m"},
         "expect.escalate[0].after: is not for the reason owner"),
    ],
)  # fmt: skip
def test_what_an_author_cannot_mean(escalation, message, drill):
    with pytest.raises(SourceError) as caught:
        drill(expect={"escalate": [escalation]})
    assert message in str(caught.value)


def test_what_is_acceptable_is_an_action_a_debt_or_waiting(drill):
    names = ["waiting", "shed_load", "extra_replicas"]
    assert drill(expect={"acceptable": names}).scenario.expect.acceptable == tuple(names)
    with pytest.raises(SourceError) as caught:
        drill(expect={"acceptable": [*names, "shed_lod"]})
    unknown = "unknown action or debt 'shed_lod'; did you mean 'shed_load'?"
    assert f"expect.acceptable[3]: {unknown}" in str(caught.value)


# -- severities and hops --------------------------------------------------------------------------

LADDER = {
    "SEV5": {"when": {"any": [{"outside": "0s"}]}, "inform": ["product"]},
    "SEV4": {"when": {"any": [{"outside": "0s"}]}},
    "SEV2": {
        "when": {"any": [{"burn": 6}, {"customers": 0.05}]},
        "inform": ["product", "command"],
        "update_every": "30m",
    },
}


def test_each_severity_says_who_must_be_informed(drill):
    setting = drill(oncall__severities=LADDER)
    readers = ("product", "command")
    assert setting.needs == (Need("inform", teams=readers, severity="SEV2", every=30 * MINUTE),)
    setting = drill(oncall__severities=LADDER, plays="command")
    assert [need.teams for need in setting.needs] == [("product",)]
    setting = drill(oncall__severities=LADDER, expect={"inform": ["product"]})
    assert setting.needs == (Need("inform", teams=("product",), since=0),)


def organisation(**teams):
    people = {name: {} for name in ("ana", "ben")}
    policies = {
        "own": {"levels": [{"page": ANA}]},
        "up": {"levels": [{"page": ANA}, {"page": [{"team": "lead"}]}]},
        "on": {"levels": [{"page": ANA}, {"page": [{"team": "data"}]}]},
    }
    every = {"ml": {"policy": "own"}, **teams}
    oncall = {"oncall": 1, "name": "x", "people": people, "policies": policies, "teams": every}
    return Organisation.bind(OnCall.model_validate(oncall), epoch_ms=0)


MEMBERS = {"members": ["ana"]}
# Only the other of these teams can call data or the desk.
HIDDEN = {
    "data": {**MEMBERS, "called_by": ["desk"]},
    "desk": {**MEMBERS, "called_by": ["data"]},
}


@pytest.mark.parametrize(
    ("teams", "ways"),
    [
        ({"data": MEMBERS, "lead": MEMBERS}, {"ml": (0,), "data": (1,), "lead": (1,)}),
        # Nobody may call it but somebody who cannot be reached.
        ({"data": {**MEMBERS, "called_by": ["lead"]},
          "lead": {**MEMBERS, "called_by": ["data"]}}, {"ml": (0,)}),
        # Over either of two, which do not call each other.
        ({"data": {**MEMBERS, "called_by": ["lead", "desk"]}, "desk": MEMBERS, "lead": MEMBERS},
         {"ml": (0,), "desk": (1,), "lead": (1,), "data": (2, "desk", "lead")}),
        # The policy's second level is the lead's; they call data.
        ({"ml": {"policy": "up"}, "data": {**MEMBERS, "called_by": ["lead"]}, "lead": MEMBERS},
         {"ml": (0,), "lead": (0,), "data": (1,)}),
        # A level that names the lead pages its first level, not data; a call uses all levels.
        ({"ml": {"policy": "up"}, "lead": {"policy": "on"}, **HIDDEN},
         {"ml": (0,), "lead": (0,), "data": (1, "lead"), "desk": (2, "lead")}),
        # Called, the whole policy of the lead is used; data calls the desk.
        ({"lead": {"policy": "on"}, **HIDDEN},
         {"ml": (0,), "lead": (1,), "data": (1, "lead"), "desk": (2, "lead")}),
    ],
)  # fmt: skip
def test_the_shortest_ways(teams, ways):
    shortest = shortest_ways(organisation(**teams), "ml")
    assert {team: (way.hops, *way.via) for team, way in shortest.items()} == ways
