"""Orders of a playbook that the played team must not give, and calls that it cannot make."""

import re
from collections.abc import Iterator

from simulator.oncall.organisation import Organisation
from simulator.scenario import Playbook
from simulator.scenario.playbook import StepOrder
from simulator.setting.name_checker import KeyPath
from simulator.source import Complaint, Document
from simulator.units.wording import join_words

# The argument of an order that names the team to call.
CALLEE = {"page": "team", "escalate": "to"}


def warnings(
    document: Document, at: KeyPath, playbook: Playbook, organisation: Organisation, plays: str
) -> list[Complaint]:
    """Orders that fail because of `may` and `called_by` of the on-call file.

    Parameters
    ----------
    at : path of the playbook in it
    plays : str
        The played team, which follows the playbook.
    """
    orders = [
        ((*at, *path, *step.order.at), step.order) for path, step in playbook.walk() if step.order
    ]
    requested = _requested(order for _, order in orders)
    return [
        document.complaint_at((*path, *below), text)
        for path, order in orders
        for below, text in _failures(order, organisation, plays, requested)
    ]


def _requested(orders: Iterator[StepOrder]) -> set[str]:
    """The words of all that pages state as their need: actions to approve are among them."""
    needs = (str(order.args.get("need") or "") for order in orders if order.kind in CALLEE)
    return {word for need in needs for word in re.findall(r"\w+", need)}


def _failures(
    order: StepOrder, organisation: Organisation, plays: str, requested: set[str]
) -> Iterator[tuple[KeyPath, str]]:
    teams, kind = organisation.model.teams, order.kind
    may = teams[plays].may
    if kind in may.never:
        yield (), f"{plays} must not order {kind}"
    if kind in may.with_approval and kind not in requested:
        page = f"page {may.ask}" if may.ask else "page whoever approves it"
        text = f"{plays} needs an approval to order {kind}; before, {page} with need: {kind}"
        yield (), text
    callee = str(order.args.get(CALLEE.get(kind, "")) or "")
    if callee in teams and not organisation.may_call(plays, callee):
        callers = join_words(list(teams[callee].called_by))
        yield (CALLEE[kind],), f"{callee} is paged by {callers} only"
