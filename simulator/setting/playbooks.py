"""A playbook's orders, queries and alerts against what they name."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.actions import ACTIONS
from simulator.alerting.rulefile import Group
from simulator.faults import FAULTS, causes
from simulator.promql import PromQLError, parse
from simulator.scenario import Playbook, Step, action_at, check_name
from simulator.source import Complaints, Document, Key


def check_playbook(
    document: Document, at: tuple[Key, ...], playbook: Playbook, groups: list[Group] | None
) -> None:
    """Bind a playbook's orders, parse its queries, and look its causes up.

    Parameters
    ----------
    document : Document
    at : path of the playbook in it
    playbook : Playbook
    groups : list of Group or None
        The rules whose alerts it starts on; None if they are not known.

    Raises
    ------
    SourceError
    """
    complaints = Complaints()
    for path, step in playbook.walk():
        here = (*at, *path)
        if step.act is not None:
            with complaints.gathered():
                action_at(document, (*here, "act"), ACTIONS)
        for where, cause in _causes(step):
            # Without its type it is understood too.
            if "${" not in cause and cause not in FAULTS:
                noun, listing = "cause", "drill catalogue faults"
                found = check_name(document, (*here, *where), causes(), noun, listing=listing)
                if found:
                    complaints.add(found)
        for where, expr in _queries(step):
            try:
                if "${" not in expr:
                    parse(expr)
            except PromQLError as error:
                complaints.add(document.complain((*here, *where), str(error)))
    if groups is not None and playbook.starts_on is not None:
        known = [rule.name for group in groups for rule in group.rules if rule.alert]
        for i, _ in enumerate(playbook.starts_on.alerts):
            found = check_name(document, (*at, "starts_on", "alerts", i), known, "alert")
            if found and at:
                complaints.add(found)
    complaints.settle()


def _causes(step: Step) -> Iterator[tuple[tuple[Key, ...], str]]:
    if step.diagnose is not None:
        yield ("diagnose", "cause"), step.diagnose.cause
    if step.act is not None and "diagnose" in step.act:
        yield ("act", "diagnose", "cause"), str(step.act["diagnose"].get("cause", ""))


def _queries(step: Step) -> Iterator[tuple[tuple[Key, ...], str]]:
    if step.if_ is not None:
        yield ("if",), step.if_
    if isinstance(step.look, str):
        yield ("look",), step.look
    if step.verify is not None:
        yield ("verify", "query"), step.verify.query
    for i, branch in enumerate(step.branch or ()):
        if branch.if_ is not None:
            yield ("branch", i, "if"), branch.if_
