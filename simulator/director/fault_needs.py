"""The teams that are needed because of what ends a fault: owners, and who approves."""

from collections.abc import Iterable, Iterator

from simulator.actions import ACTIONS
from simulator.director.injects import BoundInject
from simulator.oncall.organisation import Organisation
from simulator.run.need import Need


def fault_owner(inject: BoundInject, organisation: Organisation) -> str:
    """The owner of a fault's target, or of what the orders that end it are about; else empty."""
    abouts = (name for kind in _ends(inject) for name in ACTIONS.get(kind).possible_targets().names)
    owners = (organisation.owner(name) for name in (inject.target, *abouts))
    return next(filter(None, owners), "")


def sole_owners(
    injects: Iterable[BoundInject], organisation: Organisation, plays: str
) -> dict[str, str]:
    """The team that alone can end a fault, by the fault's id.

    Everything that ends the fault is for its owner only, or is what the played team must never
    order: then the team has to ask, as the note of such an order says. The owner comes first, then
    whom `ask` names.
    """
    may = organisation.model.teams[plays].may
    owners = {}
    for inject in injects:
        ends = _ends(inject)
        if not ends or _allowed(inject, organisation, plays):
            continue
        owner = fault_owner(inject, organisation)
        asked = may.ask if any(kind in may.never for kind in ends) else None
        if team := owner if owner not in ("", plays) else asked or owner:
            owners[inject.id] = team
    return owners


def permission_needs(
    injects: Iterable[BoundInject], organisation: Organisation, plays: str
) -> Iterator[Need]:
    """The faults whose best right move that the played team may order needs an approval."""
    may = organisation.model.teams[plays].may
    for inject in injects:
        approver = may.ask or fault_owner(inject, organisation)
        orders = _right_orders(inject, organisation, plays)
        asked = [kind for kind in orders if kind in may.with_approval]
        if asked and approver not in ("", plays):
            yield Need("permission", inject.id, (approver,), action=asked[0])


def _right_orders(inject: BoundInject, organisation: Organisation, plays: str) -> list[str]:
    """The orders of the best right move that a team may make; else what ends the fault."""
    never = organisation.model.teams[plays].may.never
    is_owner = fault_owner(inject, organisation) == plays
    for move in inject.fault.right_moves if inject.fault is not None else ():
        orders = [step.action for step in move.steps]
        of_owner = any(ACTIONS.get(kind).owner_only for kind in orders)
        if move.cures and orders and not set(orders) & set(never) and (is_owner or not of_owner):
            return orders
    return list(_allowed(inject, organisation, plays)[:1])


def _allowed(inject: BoundInject, organisation: Organisation, plays: str) -> tuple[str, ...]:
    """The actions that end a fault and that a team may order, maybe with an approval."""
    never = organisation.model.teams[plays].may.never
    is_owner = fault_owner(inject, organisation) == plays
    return tuple(
        kind
        for kind in _ends(inject)
        if kind not in never and (is_owner or not ACTIONS.get(kind).owner_only)
    )


def _ends(inject: BoundInject) -> tuple[str, ...]:
    return inject.fault.ended_by if inject.fault is not None else ()
