"""Needs: whom an incident needs, and how severe it is; the truth that escalations are graded by.

They follow from the scenario alone, so that they stand in the run's header. Players never see
them. The scenario's `expect` overrides what follows from its faults.
"""

from collections.abc import Iterable, Iterator

from simulator.actions import ACTIONS
from simulator.director.injects import BoundInject
from simulator.run.header import Need
from simulator.scenario import OnCall
from simulator.scenario.scenario import Expect
from simulator.units import Severity


def derive_needs(
    injects: Iterable[BoundInject], oncall: OnCall, plays: str, expect: Expect
) -> tuple[Need, ...]:
    """The needs of a scenario: owners, severities over time, readers.

    Parameters
    ----------
    oncall : OnCall
        The people, with everything that each team owns.
    plays : str
        The played team, which need not be called.
    expect : Expect
        The author's truth.

    Examples
    --------
    >>> from simulator.setting import parse
    >>> from simulator.setting.bind import bind_names
    >>> document, scenario = parse("expired-key")
    >>> bound = bind_names(document, scenario)
    >>> needs = derive_needs(bound.injects, bound.oncall, scenario.plays, scenario.expect)
    >>> [(need.reason, need.fault, need.teams) for need in needs]
    [('owner', 'key', ('security',)), ('severity', '', ()), ('inform', '', ('product',))]
    """
    owners = {inject.id: owner for inject in injects if (owner := _only_owner(inject, oncall))}
    return (
        *_owner_needs(owners, expect.owner, plays),
        *_severity_needs(expect),
        *([Need("inform", teams=expect.inform, since=0)] if expect.inform else []),
    )


def _only_owner(inject: BoundInject, oncall: OnCall) -> str:
    """The team that alone can end a fault; empty if others can, or if nobody owns its target."""
    ends = inject.fault.ended_by if inject.fault is not None else ()
    if not ends or not all(ACTIONS.get(action).owner_only for action in ends):
        return ""
    teams = oncall.teams.items()
    return next((name for name, team in teams if inject.target in team.owns), "")


def _owner_needs(owners: dict[str, str], expected: tuple[str, ...], plays: str) -> Iterator[Need]:
    """The owners to call, fault by fault, then those whom only the author names."""
    for fault, owner in owners.items():
        if owner != plays and (not expected or owner in expected):
            yield Need("owner", fault, (owner,))
    only_named = [team for team in expected if team not in (plays, *owners.values())]
    if only_named:
        yield Need("owner", teams=tuple(only_named))


def _severity_needs(expect: Expect) -> Iterator[Need]:
    """The severities over time; SEV5, which is none, counts only after another."""
    severe = False
    for step in expect.severity:
        severe = severe or step.is_ != Severity.SEV5
        if severe:
            yield Need("severity", since=step.from_, severity=step.is_)
