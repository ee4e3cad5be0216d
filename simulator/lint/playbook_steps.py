"""What a playbook orders and asks that can do nothing in one scenario.

A playbook is shared: a pipeline may lack a job that another has, its people other names, and
a branch of it is never taken there. So these are warnings, as those about rules are, and block
no run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from simulator.actions import ACTIONS, arguments
from simulator.alerting.matchers import MatcherError, parse_matchers
from simulator.lint.possible_series import Known
from simulator.pipeline.model import releases
from simulator.promql import PromQLError, selectors
from simulator.promql.unmatched import explain_unmatched
from simulator.scenario import Playbook
from simulator.setting.bind_playbooks import queries
from simulator.setting.bound_scenario import BoundScenario
from simulator.setting.components import components
from simulator.source import Complaint, Document, Key
from simulator.units import did_you_mean

# What messages call it, where what an argument names is called otherwise.
NOUNS = {
    "feature": "column",
    "person": "team or reader",
    "server": "node",
    "thing": "stage or thing that is owned",
}


def playbook_warnings(
    document: Document, at: tuple[Key, ...], playbook: Playbook, bound: BoundScenario, dialect: int
) -> list[Complaint]:
    """Orders about what the pipeline does not have, and questions about series that are not.

    Parameters
    ----------
    document : Document
    at : path of the playbook in it
    playbook : Playbook
    bound : BoundScenario
        A scenario whose names are bound.
    dialect : int
        Prometheus' major version.
    """
    told = [*_orders(playbook, bound), *_questions(playbook, bound, dialect)]
    return [document.complaint_at((*at, *path), text) for path, text in told]


def _orders(playbook: Playbook, bound: BoundScenario) -> Iterator[tuple[tuple[Key, ...], str]]:
    names = Names(bound)
    for path, step in playbook.walk():
        if step.order is None or step.order.kind not in ACTIONS:
            continue
        for below, to, given in arguments(step.order.kind, step.order.args):
            if text := names.doubt(to, given):
                yield (*path, *step.order.at, *below), text


def _questions(
    playbook: Playbook, bound: BoundScenario, dialect: int
) -> Iterator[tuple[tuple[Key, ...], str]]:
    asked = [
        ((*path, *where), expr)
        for path, step in playbook.walk()
        for where, expr in queries(step)
        if "${" not in expr
    ]
    known = Known(bound).add(bound.groups, dialect, [expr for _, expr in asked])
    series = known.series
    for where, expr in asked:
        try:
            selected = dict.fromkeys(selectors(expr))
        except PromQLError:
            continue  # told as an error
        for selector in selected:
            if text := explain_unmatched(selector, series, known.free):
                yield where, text


class Names:
    """What the arguments of orders can name in a scenario.

    Parameters
    ----------
    bound : BoundScenario
    """

    def __init__(self, bound: BoundScenario) -> None:
        pipeline, there = bound.pipeline, components(bound.pipeline)
        fleet = pipeline.cluster.accelerators
        jobs = there["job"]
        self.by_kind = {
            "component": [releases.MODEL, releases.SERVING, *jobs],
            "job": jobs,
            "feature view": there["features"],
            "training run": there["training"],
            "pool": there["pool"],
            "volume": there["volume"],
            "feature": [column.name for column in bound.dataset.columns],
            "server": _nodes(pipeline.cluster.nodes),
            "node": _nodes(fleet.nodes if fleet else 0),
            "team": list(bound.oncall.teams),
            "person": [*bound.oncall.teams, *bound.oncall.inform],
            "thing": bound.ownable,
        }
        self._alerts = [rule.name for group in bound.groups for rule in group.rules if rule.alert]
        self._ways: dict[str, Callable[[str], str]] = {"alerts": self._silenced}

    def doubt(self, to: str, given: str) -> str:
        """Why an argument can mean nothing here; empty if it can.

        Parameters
        ----------
        to : str
            What it names, as `Refers` says it.
        given : str
        """
        if to in self._ways:
            return self._ways[to](given)
        known = self.by_kind.get(to)
        if known is None or given in known or (given.isdecimal() and f"node-{given}" in known):
            return ""
        noun = NOUNS.get(to, to)
        return f"there is no {noun} {given!r} here{did_you_mean(given, known)}"

    def _silenced(self, matchers: str) -> str:
        try:
            conditions = parse_matchers(matchers)
        except MatcherError:
            return ""  # told as an error
        for one in conditions:
            if one.name == "alertname" and not any(
                one.holds({one.name: alert}) for alert in self._alerts
            ):
                return f"no alert here has {one}{did_you_mean(one.value, self._alerts)}"
        return ""


def _nodes(count: int) -> list[str]:
    return [f"node-{number}" for number in range(count)]
