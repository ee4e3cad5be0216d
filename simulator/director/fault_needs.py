"""The teams that are needed because of what ends a fault: owners, and who approves."""

from collections.abc import Iterable, Iterator

from simulator.actions import ACTIONS
from simulator.director.injects import BoundInject
from simulator.oncall.organisation import Organisation
from simulator.run.header import Need


def sole_owners(
    injects: Iterable[BoundInject], organisation: Organisation, plays: str
) -> dict[str, str]:
    """The team that alone can end a fault, by the fault's id.

    Everything that ends the fault is for its owner only, or is what the played team must never
    order: then it is whom the team has to ask.
    """
    may = organisation.model.teams[plays].may
    owners = {}
    for inject in injects:
        ends, owner, team = _ends(inject), organisation.owner(inject.target), ""
        owners_only = [action for action in ends if ACTIONS.get(action).owner_only]
        forbidden = {*may.never, *(owners_only if owner != plays else ())}
        if ends and len(owners_only) == len(ends):
            team = owner
        elif ends and forbidden.issuperset(ends):
            team = may.ask or owner
        if team:
            owners[inject.id] = team
    return owners


def permission_needs(
    injects: Iterable[BoundInject], organisation: Organisation, plays: str
) -> Iterator[Need]:
    """The faults that the played team can end, but never without an approval from outside."""
    may = organisation.model.teams[plays].may
    for inject in injects:
        ends = [
            action
            for action in _ends(inject)
            if not ACTIONS.get(action).owner_only and action not in may.never
        ]
        approver = may.ask or organisation.owner(inject.target)
        needs_approval = ends and all(action in may.with_approval for action in ends)
        if needs_approval and approver not in ("", plays):
            yield Need("permission", inject.id, (approver,), action=ends[0])


def _ends(inject: BoundInject) -> tuple[str, ...]:
    return inject.fault.ended_by if inject.fault is not None else ()
