"""Failing rules: a clear error, and evaluation continues where Prometheus would continue."""

from __future__ import annotations

import time

import numpy as np
import pytest

from simulator.alerting.rule_evaluator import RuleEvaluator, load_rules
from simulator.promql import Engine, PromQLError
from simulator.source import SourceError
from simulator.telemetry.store import SeriesStore, labels_of

GROUP = "groups:\n- name: g\n  rules:\n"
EVIL = "(a*)*" * 10 + "b"  # a backtracking matcher takes centuries over forty a's


def play(text: str, dialect: int = 3) -> RuleEvaluator:
    """The rules once, over two pods that are down and share the name `aaa…`."""
    store = SeriesStore()
    series = [labels_of(__name__="up", job="a" * 40, pod=pod) for pod in "ab"]
    store.table("api", series).append(0, np.array([0.0, 0.0]))
    rules = RuleEvaluator(load_rules(text, "bad.yml", dialect), Engine(store, dialect))
    rules.evaluate(0)
    return rules


def names(rules: RuleEvaluator) -> list[str]:
    return [alert.alert for alert in rules.alerts()]


def test_a_regex_with_exponential_backtracking_is_fast() -> None:
    begin = time.process_time()
    rules = play(f"{GROUP}  - {{alert: Evil, expr: 'up{{job!~\"{EVIL}\"}} == 0'}}\n")
    assert names(rules) == ["Evil", "Evil"]
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    "pattern", ["(", "(a{1000}){1000}", r"(?P<n>a)(?P=n)", "a{1,1001}", "((((a{9}){9}){9}){9}){9}"]
)
def test_a_regex_that_re2_refuses_is_an_error_with_its_place(pattern: str) -> None:
    with pytest.raises(SourceError, match=r"regular expression|illegal regex") as error:
        load_rules(f"{GROUP}  - {{alert: A, expr: 'up{{job=~\"{pattern}\"}}'}}\n", "bad.yml")
    assert str(error.value).startswith("bad.yml:4:")
    assert "group g: rule A: " in str(error.value)


def test_ten_thousand_rules_load() -> None:
    rules = "".join(f"  - {{alert: A{n}, expr: up == {n}, for: 1m}}\n" for n in range(10_000))
    begin = time.process_time()
    (group,) = load_rules(GROUP + rules, "many.yml")
    assert len(group.rules) == 10_000
    assert time.process_time() - begin < 20  # 2 s on an idle core


def test_the_error_of_one_rule_among_ten_thousand_has_its_line() -> None:
    rules = [f"  - {{alert: A{n}, expr: up == {n}}}\n" for n in range(10_000)]
    rules[7_777] = "  - {alert: Odd, expr: 'up == '}\n"
    with pytest.raises(SourceError) as error:
        load_rules(GROUP + "".join(rules), "many.yml")
    (only,) = error.value.complaints
    assert (only.file, only.line, only.path) == ("many.yml", 7781, "group g: rule Odd")


SAME = """
groups:
- name: g
  rules:
  - record: before
    expr: count(up)
  - alert: Twice
    expr: up == 0
    labels: {pod: same}
  - record: twice
    expr: up
    labels: {pod: same}
  - alert: After
    expr: before == 2
"""


def test_a_rule_with_duplicate_label_sets_fails_alone() -> None:
    """The label `pod`, overridden, no longer tells the two apart."""
    rules = play(SAME)
    assert [(f.group, f.rule, f.line) for f in rules.failures] == [
        ("g", "Twice", 7),
        ("g", "twice", 10),
    ]
    assert all("same labelset" in f.text for f in rules.failures)
    assert all(str(f).startswith("bad.yml:") for f in rules.failures)
    assert names(rules) == ["After"]


def test_a_failed_rule_is_evaluated_again() -> None:
    text = f"{GROUP}  - {{alert: One, expr: 'up == 0', labels: {{pod: same}}}}\n"
    rules = play(text)
    table = rules.engine.store.tables["api"]
    table.append(60_000, np.array([1.0, 0.0]))
    rules.evaluate(60_000)
    assert len(rules.failures) == 1
    assert names(rules) == ["One"]


def test_an_alert_with_a_failing_template_is_sent_with_the_error_in_its_text() -> None:
    """As Prometheus: the alert fires, its annotation holds the error."""
    text = f"{GROUP}  - {{alert: Odd, expr: up == 0, annotations: {{s: '{{{{ $labels.pod | humanize }}}}'}}}}\n"
    rules = play(text)
    (first, _) = rules.outgoing(0)
    assert dict(first.annotations)["s"].startswith("<error expanding template: ")
    assert names(rules) == ["Odd", "Odd"]
    assert not rules.failures
    assert [(f.group, f.rule, f.line) for f in rules.warnings] == [("g", "Odd", 4)] * 2
    assert "annotation s" in rules.warnings[0].text


def test_an_absurdly_long_query_is_refused() -> None:
    with pytest.raises(PromQLError, match="longer than 20,000 characters"):
        Engine(SeriesStore()).query("up + " * 5000 + "up", 0)
