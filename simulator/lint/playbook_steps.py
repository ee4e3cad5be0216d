"""Orders and queries of a playbook that have no effect in one scenario.

A playbook is shared: a pipeline may lack a job that another one has, its people may have other
names, and a branch may never be taken there. So these are warnings and block no run.
"""

from collections.abc import Iterator

from simulator.actions import ACTIONS, TARGETS, references
from simulator.alerting.matchers import MatcherError, parse_matchers
from simulator.lint.cluster_orders import explain_impossible
from simulator.lint.possible_series import PossibleSeries
from simulator.lint.snapshot_ages import explain_too_old
from simulator.lint.untrained_versions import explain_untrained
from simulator.pipeline.cluster.nodes import CLUSTER
from simulator.pipeline.model import releases
from simulator.promql import PromQLError, selectors
from simulator.promql.unmatched import explain_unmatched
from simulator.scenario import Playbook
from simulator.setting.bind_playbooks import queries
from simulator.setting.bound_scenario import BoundScenario
from simulator.setting.components import components, serving_stage
from simulator.setting.estimator import hyperparameter_names
from simulator.setting.name_checker import KeyPath
from simulator.source import Complaint, Document
from simulator.units import did_you_mean

# The nouns of messages that differ from the kinds that arguments refer to.
NOUNS = {
    "assignee": "team or person",
    "feature": "column",
    "person": "team or reader",
    "request class": "class of requests",
    "server": "node",
    "target": "component or node",
    "thing": "stage or thing that is owned",
}


def warnings(
    document: Document,
    at: KeyPath,
    playbook: Playbook,
    bound: BoundScenario,
    dialect: int,
    duration: int,
) -> list[Complaint]:
    """Orders about components that the pipeline lacks, and queries for series that cannot exist.

    Parameters
    ----------
    at : path of the playbook in it
    dialect : int
        Prometheus' major version.
    duration : int, ms
        Of the drill.
    """
    texts = [
        *_order_warnings(playbook, bound, duration),
        *_query_warnings(playbook, bound, dialect),
    ]
    return [document.complaint_at((*at, *path), text) for path, text in texts]


def _order_warnings(
    playbook: Playbook, bound: BoundScenario, duration: int
) -> Iterator[tuple[KeyPath, str]]:
    names = ArgumentNames(bound)
    for path, step in playbook.walk():
        if step.order is None or step.order.kind not in ACTIONS:
            continue
        order = step.order
        for key, text in explain_impossible(bound.pipeline, order.kind, order.args):
            yield (*path, *order.at, *key), text
        for below, kind, name in references(step.order.kind, step.order.args):
            if kind == "version":
                text = explain_untrained(bound, duration, name)
            else:
                text = names.explain_unknown(kind, name)
            if text:
                yield (*path, *step.order.at, *below), text
        if text := explain_too_old(bound, step.order.kind, step.order.args):
            yield (*path, *step.order.at, "before"), text


def _query_warnings(
    playbook: Playbook, bound: BoundScenario, dialect: int
) -> Iterator[tuple[KeyPath, str]]:
    exprs = [
        ((*path, *below), expr)
        for path, step in playbook.walk()
        for below, expr in queries(step)
        if "${" not in expr
    ]
    possible = PossibleSeries(bound)
    possible.add_rules(bound.groups, dialect, [expr for _, expr in exprs])
    series = possible.series
    for path, expr in exprs:
        try:
            selected = dict.fromkeys(selectors(expr))
        except PromQLError:
            continue  # an error of `check_playbook`
        for selector in selected:
            if text := explain_unmatched(selector, series, possible.open_labels):
                yield path, text


class ArgumentNames:
    """The names that arguments of orders can refer to in a scenario.

    Attributes
    ----------
    by_kind : mapping of str to list of str
        By the kind of component, as in `Refers`.
    """

    def __init__(self, bound: BoundScenario) -> None:
        pipeline, by_kind = bound.pipeline, components(bound.pipeline)
        fleet = pipeline.cluster.accelerators
        jobs = by_kind["job"]
        self.by_kind = {
            "component": [releases.MODEL, releases.SERVING, *jobs],
            "job": jobs,
            "feature view": by_kind["features"],
            "training run": by_kind["training"],
            "pool": by_kind["pool"],
            "volume": by_kind["volume"],
            "serving pool": list(serving_stage(pipeline)[1].pools),
            "hyperparameter": hyperparameter_names(pipeline),
            "feature": [column.name for column in bound.dataset.columns],
            "server": _nodes(max(pipeline.cluster.nodes, pipeline.cluster.nodes_max or 0)),
            "node": _nodes(fleet.nodes if fleet else 0),
            "team": list(bound.oncall.teams),
            "person": list(bound.oncall.readers),
            "assignee": list(bound.oncall.everybody),
            "action": ACTIONS.names(),
            "thing": bound.ownable,
            "request class": list(pipeline.traffic.classes),
        }
        of_targets = (self.by_kind[kind] for kind in sorted(TARGETS))
        everything = (name for names in of_targets for name in names)
        self.by_kind["target"] = list(dict.fromkeys([*everything, CLUSTER]))
        self._alerts = [rule.name for group in bound.groups for rule in group.rules if rule.alert]

    def explain_unknown(self, kind: str, name: str) -> str:
        """Why an argument has no effect here; empty if it may have one.

        Parameters
        ----------
        kind : str
            The kind of component, as in `Refers`.
        """
        if kind == "alerts":
            return self._explain_unmatched_alert(name)
        names = self.by_kind.get(kind)
        if names is None or name in names or (name.isdecimal() and f"node-{name}" in names):
            return ""
        return f"there is no {NOUNS.get(kind, kind)} {name!r} here{did_you_mean(name, names)}"

    def _explain_unmatched_alert(self, matchers: str) -> str:
        try:
            parsed = parse_matchers(matchers)
        except MatcherError:
            return ""  # an error of `check_playbook`
        for matcher in parsed:
            if matcher.name == "alertname" and not any(
                matcher.holds({matcher.name: alert}) for alert in self._alerts
            ):
                return f"no alert here has {matcher}{did_you_mean(matcher.value, self._alerts)}"
        return ""


def _nodes(count: int) -> list[str]:
    return [f"node-{number}" for number in range(count)]
