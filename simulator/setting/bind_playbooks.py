"""A playbook's orders, questions, people and alerts against what they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from simulator.actions import ACTIONS, arguments
from simulator.alerting.rulefile import RuleGroup
from simulator.faults import FAULTS, causes
from simulator.promql import parse
from simulator.scenario import OnCall, Playbook, Step, action_at, check_name
from simulator.scenario.playbook import LogSearch
from simulator.source import Complaints, Document, Key
from simulator.telemetry.re2_patterns import compile_pattern
from simulator.units import did_you_mean


def check_playbook(
    document: Document,
    at: tuple[Key, ...],
    playbook: Playbook,
    groups: list[RuleGroup] | None = None,
    oncall: OnCall | None = None,
) -> None:
    """Bind a playbook's orders, read its questions, look up its causes and whom it calls.

    What a pipeline may lack, and its people may be called, is another matter: see
    `lint_playbooks`.

    Parameters
    ----------
    document : Document
    at : path of the playbook in it
    playbook : Playbook
    groups : list of RuleGroup, optional
        The rules whose alerts it starts on; None if they are not known.
    oncall : OnCall, optional
        The people whom it must know, since the scenario names it; a playbook from elsewhere
        may be written for others.

    Raises
    ------
    SourceError
    """
    complaints = Complaints()
    for path, step in playbook.walk():
        here = (*at, *path)
        if step.act is not None:
            with complaints.collecting():
                part = action_at(document, (*here, "act"), ACTIONS)
                wrongs = part.wrongs() if part is not None else ()
                for wrong in wrongs:
                    where = (*here, "act", *step.act, *wrong.path)
                    complaints.add(document.complaint_at(where, wrong.text))
        for where, cause in _causes(step):
            # Without its type it is understood too.
            if "${" not in cause and cause not in FAULTS:
                noun, listing = "cause", "drill catalogue faults"
                found = check_name(document, (*here, *where), causes(), noun, listing=listing)
                if found:
                    complaints.add(found)
        for where, text in _strangers(step, oncall) if oncall is not None else ():
            complaints.add(document.complaint_at((*here, *where), text))
        for where, text, read in _asked(step):
            try:
                if "${" not in text:
                    read(text)
            except ValueError as error:
                complaints.add(document.complaint_at((*here, *where), str(error)))
    if groups is not None and playbook.starts_on is not None:
        known = [rule.name for group in groups for rule in group.rules if rule.alert]
        for i, _ in enumerate(playbook.starts_on.alerts):
            found = check_name(document, (*at, "starts_on", "alerts", i), known, "alert")
            if found and at:
                complaints.add(found)
    complaints.raise_if_any()


def _causes(step: Step) -> Iterator[tuple[tuple[Key, ...], str]]:
    if step.order is not None and step.order.kind == "diagnose":
        yield (*step.order.at, "cause"), str(step.order.args.get("cause", ""))


def _strangers(step: Step, oncall: OnCall) -> Iterator[tuple[tuple[Key, ...], str]]:
    """Whom an order is for, where there is nobody of that name."""
    if step.order is None or step.order.kind not in ACTIONS:
        return
    known = {"team": list(oncall.teams), "person": [*oncall.teams, *oncall.inform]}
    for path, to, name in arguments(step.order.kind, step.order.args):
        if to in known and name not in known[to]:
            text = f"unknown {'team' if to == 'team' else 'team or reader'} {name!r}"
            yield (*step.order.at, *path), text + did_you_mean(name, known[to])


def _asked(step: Step) -> Iterator[tuple[tuple[Key, ...], str, Callable[[str], object]]]:
    """What a step asks, with its place, and how that is read."""
    for where, expr in queries(step):
        yield where, expr, parse
    if isinstance(step.look, LogSearch):
        yield ("look", "log"), step.look.log, compile_pattern


def queries(step: Step) -> Iterator[tuple[tuple[Key, ...], str]]:
    """The PromQL of a step, each with its path."""
    if step.if_ is not None:
        yield ("if",), step.if_
    if isinstance(step.look, str):
        yield ("look",), step.look
    if step.verify is not None:
        yield ("verify", "query"), step.verify.query
    for i, branch in enumerate(step.branch or ()):
        if branch.if_ is not None:
            yield ("branch", i, "if"), branch.if_
