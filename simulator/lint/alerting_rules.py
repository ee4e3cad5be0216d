"""Alerting and recording rules that Prometheus accepts and that can never yield anything here.

A rule on a metric that this pipeline never emits is valid for Prometheus; in a drill it is the
most common disappointment. So it is a warning and blocks no run.
"""

from collections.abc import Iterator, Sequence

from simulator.alerting.rulefile import RuleGroup, RuleSpec
from simulator.lint.possible_series import PossibleSeries
from simulator.promql import selectors
from simulator.promql.possible_values import PossibleValues
from simulator.promql.unmatched import explain_unmatched
from simulator.source import Complaint
from simulator.telemetry.store import Labels
from simulator.telemetry.value_ranges import value_range


def warnings(
    groups: Sequence[RuleGroup], possible: PossibleSeries, dialect: int = 3
) -> list[Complaint]:
    """Selectors that select nothing, and rules that never fire.

    Parameters
    ----------
    possible : PossibleSeries
        Of the scenario and these groups.
    dialect : int
        Prometheus' major version.
    """
    series = possible.series
    return [
        Complaint(group.file, rule.line, rule.column, f"group {group.name}: rule {rule.name}", text)
        for group in groups
        for rule in group.rules
        for text in _rule_warnings(rule, possible, series, dialect)
    ]


def _rule_warnings(
    rule: RuleSpec, possible: PossibleSeries, series: list[Labels], dialect: int
) -> Iterator[str]:
    selected = dict.fromkeys(selectors(rule.expr))
    explained = [explain_unmatched(selector, series, possible.open_labels) for selector in selected]
    unmatched = [text for text in explained if text]
    values = PossibleValues(possible.store, value_range, dialect)
    if _has_open_labels(rule, possible) or values.of(rule.expr) is not None:
        # The rule can yield something; a part of it may still be a slip.
        yield from unmatched
        return
    verb = "never fires here" if rule.alert else "never records anything here"
    for reason in unmatched or values.reasons or [""]:
        yield ": ".join(part for part in (verb, reason) if part)


def _has_open_labels(rule: RuleSpec, possible: PossibleSeries) -> bool:
    """Whether the rule reads labels of unknown values: then nothing can be proved."""
    is_open = any(selector.name in possible.open_labels for selector in selectors(rule.expr))
    return is_open or "count_values" in rule.expr
