"""All series that a scenario can ever have."""

from collections.abc import Sequence
from typing import Self

from simulator.alerting.rulefile import RuleGroup, RuleSpec
from simulator.promql import PromQLError, selectors
from simulator.promql.builders import CALLS
from simulator.promql.dialect import Dialect
from simulator.promql.plan_nodes import VectorNode, without_name
from simulator.promql.planner import Planner
from simulator.promql.sharing import SharedWork
from simulator.promql.syntax import parse
from simulator.setting.bound_scenario import BoundScenario
from simulator.setting.scrape_targets import make_exporters, monitor_runner
from simulator.telemetry.collector import SCRAPE_METRICS
from simulator.telemetry.store import Labels, SeriesStore, labels_of

STATES = ("pending", "firing")


class PossibleSeries:
    """The series that exporters, rules and alerts of a scenario can write.

    Attributes
    ----------
    store : SeriesStore
        All of them, without samples.
    open_labels : mapping of str to frozenset
        The labels of each metric whose values are not known in advance.
    """

    def __init__(self, bound: BoundScenario) -> None:
        self.store = SeriesStore()
        self.open_labels: dict[str, frozenset[str]] = {}
        monitors = monitor_runner(bound.pipeline, bound.monitors, bound.dataset, 0)
        for exporter in make_exporters(bound.pipeline, monitors, bound.integrations):
            target = {"job": exporter.job, "instance": f"{exporter.job}:9090"}
            dynamic = exporter.dynamic_series_examples()
            series = [*exporter.series(), *(labels for labels, _ in dynamic)]
            series += [labels_of(__name__=name) for name in SCRAPE_METRICS]
            scraped = [labels_of({**target, **dict(labels)}) for labels in series]
            self.store.table(exporter.job, scraped)
            for labels, open_labels in dynamic:
                self._open(dict(labels)["__name__"], open_labels)

    def add_rules(
        self, groups: Sequence[RuleGroup], dialect: int, queries: Sequence[str] = ()
    ) -> Self:
        """Add the series that rules write.

        Parameters
        ----------
        dialect : int
            Prometheus' major version.
        queries : sequence of str
            Further expressions that will be looked up.
        """
        rules = [(group, rule) for group in groups for rule in group.rules]
        # Ten thousand alerts need no series if no expression reads `ALERTS`.
        exprs = [*(rule.expr for _, rule in rules), *queries]
        reads_alerts = any("ALERTS" in expr for expr in exprs)
        # Twice, since a rule may read a series that a later one records.
        for _ in range(2):
            for group, rule in rules:
                if rule.record or reads_alerts:
                    self.store.table("rules", self._rule_series(group, rule, dialect))
        return self

    @property
    def series(self) -> list[Labels]:
        """The labels of all series."""
        return [labels for table in self.store.tables.values() for labels in table.series]

    def _rule_series(self, group: RuleGroup, rule: RuleSpec, dialect: int) -> list[Labels]:
        try:
            parsed = parse(rule.expr)
            planner = Planner(parsed, Dialect(dialect), SharedWork(self.store), CALLS)
            node = planner.node(parsed.tree)
        except PromQLError:
            return []
        results = node.labels if isinstance(node, VectorNode) else [()]
        added = {**dict(group.labels), **dict(rule.labels)}
        read = [self.open_labels.get(s.name or "", frozenset()) for s in selectors(rule.expr)]
        templates = [name for name, text in added.items() if "{{" in text]
        open_labels = frozenset().union(*read, templates)
        if rule.record:
            self._open(rule.record, open_labels)
            return [labels_of({**dict(r), **added, "__name__": rule.record}) for r in results]
        added["alertname"] = rule.alert
        self._open("ALERTS", open_labels)
        self._open("ALERTS_FOR_STATE", open_labels)
        alerts = [{**dict(without_name(result)), **added} for result in results]
        states = [labels_of(a, __name__="ALERTS", alertstate=s) for a in alerts for s in STATES]
        return states + [labels_of(alert, __name__="ALERTS_FOR_STATE") for alert in alerts]

    def _open(self, metric: str, labels: frozenset[str]) -> None:
        if labels:
            self.open_labels[metric] = self.open_labels.get(metric, frozenset()) | labels
