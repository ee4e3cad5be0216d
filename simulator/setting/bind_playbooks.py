"""Checks a playbook: its orders, queries, causes, people and alerts."""

from collections.abc import Callable, Iterator

from simulator.actions import ACTIONS, RESPONDER, references
from simulator.alerting.rulefile import RuleGroup
from simulator.faults import FAULTS, causes, is_cause
from simulator.promql import parse
from simulator.scenario import OnCall, Playbook, Step, order_at
from simulator.scenario.playbook import LogSearch
from simulator.setting.name_checker import KeyPath, NameChecker
from simulator.source import Document
from simulator.telemetry.re2_patterns import compile_pattern
from simulator.units import did_you_mean


def check_playbook(
    document: Document,
    at: KeyPath,
    playbook: Playbook,
    groups: list[RuleGroup] | None = None,
    oncall: OnCall | None = None,
) -> None:
    """Check a playbook's orders, queries, causes and people.

    Components that a pipeline may lack are only warned of: see `lint.playbook_steps`.

    Parameters
    ----------
    at : path of the playbook in it
    groups : list of RuleGroup, optional
        The rules whose alerts it starts on; None if they are unknown.
    oncall : OnCall, optional
        The people of the scenario that names the playbook. Without it names of people are not
        checked, since a shared playbook may be written for others.

    Raises
    ------
    SourceError
    """
    checker = NameChecker(document)
    for path, step in playbook.walk():
        _check_step(checker, (*at, *path), step, oncall)
    if groups is not None and playbook.starts_on is not None and at:
        alerts = [rule.name for group in groups for rule in group.rules if rule.alert]
        for i, _ in enumerate(playbook.starts_on.alerts):
            checker.check((*at, "starts_on", "alerts", i), alerts, "alert")
    checker.complaints.raise_if_any()


def _check_step(checker: NameChecker, at: KeyPath, step: Step, oncall: OnCall | None) -> None:
    if (order := step.order) is not None:
        with checker.complaints.collecting():
            action = order_at(checker.document, (*at, order.at[0]), ACTIONS)
            for issue in action.issues() if action is not None else ():
                checker.complain((*at, *order.at, *issue.path), issue.text)
        if order.kind in ACTIONS and RESPONDER not in ACTIONS.get(order.kind).roles:
            checker.complain((*at, *order.at), "only a facilitator may order it")
    for path, cause in _causes(step):
        # A cause may be the bare name of a fault.
        if "${" not in cause and cause not in FAULTS and not is_cause(cause):
            checker.check((*at, *path), causes(), "cause", "drill catalogue faults")
    for path, kind, _ in _references(step):
        if kind == "action":
            checker.check((*at, *path), ACTIONS.names(), "action", "drill catalogue actions")
    for path, text in _unknown_people(step, oncall) if oncall is not None else ():
        checker.complain((*at, *path), text)
    for path, text, parse_text in _parsed_texts(step):
        try:
            if "${" not in text:
                parse_text(text)
        except ValueError as error:
            checker.complain((*at, *path), str(error))


def _causes(step: Step) -> Iterator[tuple[KeyPath, str]]:
    if step.order is not None and step.order.kind == "diagnose":
        yield (*step.order.at, "cause"), str(step.order.args.get("cause", ""))


def _references(step: Step) -> Iterator[tuple[KeyPath, str, str]]:
    """The arguments of a step's order that name something: path, kind of thing and name."""
    if step.order is not None and step.order.kind in ACTIONS:
        for path, kind, name in references(step.order.kind, step.order.args):
            yield (*step.order.at, *path), kind, name


def _unknown_people(step: Step, oncall: OnCall) -> Iterator[tuple[KeyPath, str]]:
    """The people that an order names and that the on-call file lacks."""
    names = {
        "team": ("team", tuple(oncall.teams)),
        "person": ("team or reader", oncall.readers),
        "assignee": ("team or person", oncall.everybody),
    }
    for path, kind, name in _references(step):
        noun, existing = names.get(kind, ("", (name,)))
        if name not in existing:
            yield path, f"unknown {noun} {name!r}{did_you_mean(name, existing)}"


def _parsed_texts(step: Step) -> Iterator[tuple[KeyPath, str, Callable[[str], object]]]:
    """The queries and patterns of a step, each with its path and its parser."""
    for path, expr in queries(step):
        yield path, expr, parse
    if isinstance(step.look, LogSearch):
        yield ("look", "log"), step.look.log, compile_pattern


def queries(step: Step) -> Iterator[tuple[KeyPath, str]]:
    """The PromQL expressions of a step, each with its path."""
    if step.if_ is not None:
        yield ("if",), step.if_
    if isinstance(step.look, str):
        yield ("look",), step.look
    if step.verify is not None:
        yield ("verify", "query"), step.verify.query
    for i, branch in enumerate(step.branch or ()):
        if branch.if_ is not None:
            yield ("branch", i, "if"), branch.if_
