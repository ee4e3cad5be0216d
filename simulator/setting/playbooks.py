"""A playbook's orders, queries and alerts against what they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from simulator.actions import ACTIONS
from simulator.alerting.rulefile import Group
from simulator.promql import parse
from simulator.scenario import Playbook, Step, action_at, check_name
from simulator.scenario.playbook import LogSearch
from simulator.source import Complaints, Document, Key
from simulator.telemetry.patterns import pattern


def check_playbook(
    document: Document, at: tuple[Key, ...], playbook: Playbook, groups: list[Group] | None
) -> None:
    """Bind a playbook's orders and parse its queries.

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
        for where, text, read in _asked(step):
            try:
                if "${" not in text:
                    read(text)
            except ValueError as error:
                complaints.add(document.complain((*here, *where), str(error)))
    if groups is not None and playbook.starts_on is not None:
        known = [rule.name for group in groups for rule in group.rules if rule.alert]
        for i, _ in enumerate(playbook.starts_on.alerts):
            found = check_name(document, (*at, "starts_on", "alerts", i), known, "alert")
            if found and at:
                complaints.add(found)
    complaints.settle()


def _asked(step: Step) -> Iterator[tuple[tuple[Key, ...], str, Callable[[str], object]]]:
    """What a step asks, with its place, and how that is read."""
    for where, expr in _queries(step):
        yield where, expr, parse
    if isinstance(step.look, LogSearch):
        yield ("look", "log"), step.look.log, pattern


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
