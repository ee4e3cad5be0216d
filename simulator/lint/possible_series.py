"""Every series that a scenario can have, before any is there: for checks of rules."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.alerting.rulefile import RuleGroup, RuleSpec
from simulator.promql import PromQLError, selectors
from simulator.promql.builders import CALLS
from simulator.promql.plan_nodes import VectorNode, without_name
from simulator.promql.planner import Dialect, Planner
from simulator.promql.sharing import Sharing
from simulator.promql.syntax import parse
from simulator.setting.bound_scenario import BoundScenario
from simulator.setting.scrape_targets import make_exporters, monitor_runner
from simulator.telemetry.collector import SCRAPE_METRICS
from simulator.telemetry.store import Labels, SeriesStore, labels_of

STATES = ("pending", "firing")


class Known:
    """The series that telemetry, rules and alerts of a scenario can have.

    Attributes
    ----------
    store : SeriesStore
        All of them, without samples.
    free : mapping of str to frozenset
        For each metric, the labels that may hold anything.
    """

    def __init__(self, bound: BoundScenario) -> None:
        self.store = SeriesStore()
        self.free: dict[str, frozenset[str]] = {}
        monitors = monitor_runner(bound.pipeline, bound.monitors, bound.dataset, 0)
        for system in make_exporters(bound.pipeline, monitors, bound.integrations):
            target = {"job": system.job, "instance": f"{system.job}:9090"}
            changing = system.dynamic_series_examples()
            own = [*system.series(), *(labels for labels, _ in changing)]
            own += [labels_of(__name__=name) for name in SCRAPE_METRICS]
            series = [labels_of({**target, **dict(labels)}) for labels in own]
            self.store.table(system.job, series)
            for labels, free in changing:
                self._free(dict(labels)["__name__"], free)

    def add(self, groups: Sequence[RuleGroup], dialect: int, queries: Sequence[str] = ()) -> Known:
        """Take in what rules write: twice, as one may read what a later one records.

        `queries` are what else will be asked of it.
        """
        rules = [(group, rule) for group in groups for rule in group.rules]
        # Ten thousand alerts need not be looked through where nothing asks for them.
        asked = any("ALERTS" in expr for expr in [*(rule.expr for _, rule in rules), *queries])
        for _ in range(2):
            for group, rule in rules:
                if rule.record or asked:
                    self.store.table("rules", self._written(group, rule, dialect))
        return self

    @property
    def series(self) -> list[Labels]:
        """All of them."""
        return [labels for table in self.store.tables.values() for labels in table.series]

    def _written(self, group: RuleGroup, rule: RuleSpec, dialect: int) -> list[Labels]:
        try:
            parsed = parse(rule.expr)
            planner = Planner(parsed, Dialect(dialect), Sharing(self.store), CALLS)
            node = planner.node(parsed.tree)
        except PromQLError:
            return []
        found = node.labels if isinstance(node, VectorNode) else [()]
        more = {**dict(group.labels), **dict(rule.labels)}
        read = [self.free.get(one.name or "", frozenset()) for one in selectors(rule.expr)]
        free = frozenset().union(*read, [name for name, text in more.items() if "{{" in text])
        if rule.record:
            self._free(rule.record, free)
            return [labels_of({**dict(one), **more, "__name__": rule.record}) for one in found]
        more["alertname"] = rule.alert
        self._free("ALERTS", free)
        self._free("ALERTS_FOR_STATE", free)
        own = [{**dict(without_name(one)), **more} for one in found]
        alerts = [labels_of(o, __name__="ALERTS", alertstate=s) for o in own for s in STATES]
        return alerts + [labels_of(one, __name__="ALERTS_FOR_STATE") for one in own]

    def _free(self, metric: str, labels: frozenset[str]) -> None:
        if labels:
            self.free[metric] = self.free.get(metric, frozenset()) | labels
