"""Needs: whom an incident needs, and how severe it is; the truth that escalations are graded by.

They follow from the scenario alone, so that they stand in the run's header. Players never see
them. The scenario's `expect` overrides what follows from faults, rights, policies and severities.
"""

from collections.abc import Iterable, Iterator

import msgspec

from simulator.director.fault_needs import permission_needs, sole_owners
from simulator.director.hops import shortest_ways
from simulator.director.injects import BoundInject
from simulator.oncall.organisation import Organisation
from simulator.run.need import Need
from simulator.scenario import OnCall
from simulator.scenario.expect import Expect
from simulator.units import Severity


def derive_needs(
    injects: Iterable[BoundInject],
    organisation: Organisation,
    plays: str,
    expect: Expect,
    epoch_ms: int,
) -> tuple[Need, ...]:
    """The needs of a scenario: teams to call, severities over time, readers.

    Parameters
    ----------
    organisation : Organisation
        The people, with everything that each team owns.
    plays : str
        The played team, which need not be called.
    expect : Expect
        The author's truth.
    epoch_ms : int
        The start of the drill, ms since 1970: levels of a policy have hours.

    Examples
    --------
    >>> from simulator.setting import parse
    >>> from simulator.setting.bind import bind_names
    >>> document, scenario = parse("expired-key")
    >>> bound = bind_names(document, scenario)
    >>> needs = derive_needs(
    ...     bound.injects, bound.organisation, scenario.plays, scenario.expect, epoch_ms=0)
    >>> [(need.reason, need.fault, need.teams, need.hops) for need in needs][:2]
    [('owner', 'key', ('security',), 1), ('time_box', '', ('incident-command',), 0)]
    """
    calls = [
        *_fault_calls(tuple(injects), organisation, plays, expect.owner),
        *_policy_time_boxes(organisation, plays, epoch_ms),
    ]
    if expect.escalate is not None:
        named = {escalation.reason for escalation in expect.escalate}
        derived = [need for need in calls if expect.escalate and need.reason not in named]
        calls = [*derived, *_expected_calls(expect)]
    return (
        *_with_ways(calls, organisation, plays),
        *_severity_needs(expect),
        *_inform_needs(expect, organisation.model, plays),
    )


def live_needs(inject: BoundInject, organisation: Organisation, plays: str) -> Iterator[Need]:
    """The needs of an inject that a facilitator orders: its fault's owner or approver."""
    yield from _with_ways(_fault_calls((inject,), organisation, plays), organisation, plays)


def _fault_calls(
    injects: tuple[BoundInject, ...],
    organisation: Organisation,
    plays: str,
    expected: tuple[str, ...] = (),
) -> list[Need]:
    """The owners to call, those whom the author expects among them, and the approvers."""
    owners = sole_owners(injects, organisation, plays)
    return [
        *_owner_needs(owners, expected, plays),
        *permission_needs(injects, organisation, plays),
    ]


def _with_ways(calls: Iterable[Need], organisation: Organisation, plays: str) -> Iterator[Need]:
    """The calls, each with the shortest way to its team."""
    ways = shortest_ways(organisation, plays)
    for need in calls:
        way = ways.get(need.teams[0])
        if way is None:
            yield need
        else:
            yield msgspec.structs.replace(need, hops=way.hops, via=way.via)


def _owner_needs(owners: dict[str, str], expected: tuple[str, ...], plays: str) -> Iterator[Need]:
    """The owners to call, fault by fault, then those whom only the author names."""
    for fault, owner in owners.items():
        if owner != plays and (not expected or owner in expected):
            yield Need("owner", fault, (owner,))
    only_named = [team for team in expected if team not in (plays, *owners.values())]
    yield from (Need("owner", teams=(team,)) for team in only_named)


def _policy_time_boxes(organisation: Organisation, plays: str, epoch_ms: int) -> Iterator[Need]:
    """The teams that the played team's policy names, each after the time of the levels before it.

    The times of a policy are for taking a page. They end when somebody takes it: else ten minutes
    of them would make almost every incident need whoever is named last.
    """
    policy = organisation.model.teams[plays].policy
    if policy is None:
        return
    route, waited, named = organisation.route(plays), 0, {plays}
    for number, level in enumerate(organisation.model.policies[policy].levels):
        # A level for many alerts states nothing about time, one outside its hours waits for nobody.
        if not route.applies(number, epoch_ms, lambda window: 0):
            continue
        new = dict.fromkeys(t.team for t in level.page if t.team and t.team not in named)
        named |= new.keys()
        # Who is paged at once needs no time-box.
        yield from (Need("time_box", teams=(team,), after=waited) for team in new if waited)
        waited += level.after


def _expected_calls(expect: Expect) -> Iterator[Need]:
    """The calls that the author names."""
    for call in expect.escalate or ():
        yield Need(
            call.reason,
            teams=(call.to,),
            since=0 if call.reason == "time_box" else call.from_,
            action=call.action or "",
            after=call.after,
        )


def _severity_needs(expect: Expect) -> Iterator[Need]:
    """The author's severities over time; SEV5 is none, and overrides the on-call file's, too."""
    for step in expect.severity:
        yield Need("severity", since=step.from_, severity=step.is_)


def _inform_needs(expect: Expect, oncall: OnCall, plays: str) -> Iterator[Need]:
    """The author's readers from the impact on, or those of each severity while it lasts.

    SEV5 is no incident. An on-call file may name the played team, which other teams inform.
    """
    if expect.inform:
        yield Need("inform", teams=expect.inform, since=0)
        return
    for severity, level in sorted(oncall.severities.items()):
        readers = tuple(name for name in level.inform if name != plays)
        if readers and severity != Severity.SEV5:
            yield Need("inform", teams=readers, severity=severity, every=level.update_every)
