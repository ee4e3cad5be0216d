"""Invented series for rule files: label sets and values that fit the rules' selectors.

A rule file contains what it reads: metrics, matchers, the labels of grouping and joins, and
thresholds. The invented series satisfy the matchers, meet in joins and cross the thresholds, with
gaps, resets, jumps, stale markers and targets that disappear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
import promql_parser as parser

from simulator.alerting.rule_evaluator import RuleGroup
from simulator.promql import Matcher, Selector, parse
from simulator.promql.selection import selector_of
from simulator.telemetry.store import MISSING, STALE, Labels, SeriesStore, labels_of

COPIES = 3  # of every label set
SHARED = ("cluster", "job", "namespace", "service", "prometheus")  # two copies have the same
BOUNDS = ("0.1", "0.5", "1", "5", "+Inf")
COUNTER = re.compile(r"_(total|count|sum|bucket)$")
MOMENT = re.compile(r"timestamp|_time(_seconds)?$|_created$|expiration")


@dataclass
class RuleInputs:
    """The inputs of a file's rules."""

    selectors: dict[str, set[Selector]] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)
    numbers: set[float] = field(default_factory=set)


def rule_inputs(groups: Sequence[RuleGroup]) -> RuleInputs:
    """The inputs of a file's rules, without their own recordings."""
    names = RuleInputs()
    rules = [rule for group in groups for rule in group.rules]
    recorded = {rule.record for rule in rules}

    def visit(node: object) -> None:
        if isinstance(node, parser.VectorSelector):
            for selector in named(selector_of(node)):
                if selector.name is not None and selector.name not in recorded:
                    names.selectors.setdefault(selector.name, set()).add(selector)
        elif isinstance(node, parser.AggregateExpr) and node.modifier is not None:
            names.joined.update(node.modifier.labels)
        elif isinstance(node, parser.BinaryExpr) and node.modifier is not None:
            matching = node.modifier.matching
            names.joined.update(matching.labels if matching is not None else ())
            names.joined.update(node.modifier.group_labels or ())
        elif isinstance(node, parser.NumberLiteral):
            names.numbers.add(abs(float(node.val)))

    for rule in rules:
        parser.walk(parse(rule.expr).tree, visit)
        for _, text in (*rule.labels, *rule.annotations):
            names.joined.update(re.findall(r"\$labels\.(\w+)", text))
    return names


def named(selector: Selector) -> Iterator[Selector]:
    """The selector under each metric name that its matchers allow."""
    if selector.name is not None:
        yield selector
        return
    rest = tuple(m for m in selector.matchers if m.name != "__name__")
    for matcher in selector.matchers:
        if matcher.name == "__name__":
            for text in candidates(matcher):
                if matcher.predicate()(text):
                    yield Selector(text, rest)


def candidates(matcher: Matcher) -> list[str]:
    """Label values that may fulfil a matcher."""
    if matcher.op in ("=", "!="):
        return [matcher.value, "other"]
    texts = [re.sub(r"^\^|\$$", "", matcher.value)]
    while grouped := [text for text in texts if re.search(r"\([^()]*\)", text)]:
        for text in grouped:
            texts.remove(text)
            inner = re.search(r"\((?:\?:)?([^()]*)\)[?*+]?", text)
            assert inner is not None
            texts += [
                text[: inner.start()] + part + text[inner.end() :] for part in inner[1].split("|")
            ]
    texts = [part for text in texts for part in text.split("|")]
    plain = [re.sub(r"\[(?:\^.)?(.)[^\]]*\]", r"\1", text) for text in texts]
    plain = [re.sub(r"\\d", "5", text) for text in plain]
    plain = [re.sub(r"(?<!\\)\.[*+]?|(?<=.)[*+?]", "0", text).replace("\\", "") for text in plain]
    return [*plain, "other", "0"]


def label_sets(selector: Selector, base: dict[str, str]) -> list[dict[str, str]]:
    """Label sets that satisfy all matchers, over the base: one for each alternative."""
    choices: dict[str, list[str]] = {}
    for name in sorted({matcher.name for matcher in selector.matchers}):
        tests = [m for m in selector.matchers if m.name == name]
        texts = [text for m in tests for text in candidates(m)]
        texts = [base[name], *texts] if name in base else texts
        fit = [text for text in dict.fromkeys(texts) if all(m.predicate()(text) for m in tests)]
        if not fit and all(m.predicate()("") for m in tests):
            fit = [""]
        assert fit, f"no label value for {selector}"
        choices[name] = fit[:3]
    deepest = max((len(fit) for fit in choices.values()), default=1)
    return [
        {**base, **{name: fit[n % len(fit)] for name, fit in choices.items()}}
        for n in range(deepest)
    ]


def series(
    groups: Sequence[RuleGroup], seed: int, rows: int, step: int, copies: int = COPIES
) -> dict[Labels, np.ndarray]:
    """A column of values for every series that the rules may read."""
    file = rule_inputs(groups)
    pinned = {m.name for some in file.selectors.values() for s in some for m in s.matchers}
    joined = sorted(file.joined - pinned - {"le", "quantile", "alertname"})
    columns: dict[Labels, np.ndarray] = {}
    for metric, selectors in sorted(file.selectors.items()):
        for selector in sorted(selectors, key=str):
            for copy in range(copies):
                base = {n: f"{n}-{copy // 2 if n in SHARED else copy}" for n in joined}
                for labels in label_sets(selector, base):
                    fill(columns, metric, labels, file.numbers, seed, rows, step)
    return columns


def fill(
    table: dict[Labels, np.ndarray],
    metric: str,
    labels: dict[str, str],
    numbers: Iterable[float],
    seed: int,
    rows: int,
    step: int,
) -> None:
    """One label set's series; a histogram has one for each bound."""
    bounds = BOUNDS if metric.endswith("_bucket") else (labels.get("le", ""),)
    named = labels_of({**labels, "__name__": metric, "le": ""})
    dice = np.random.default_rng([seed, crc32(str(named).encode())])
    gone = faults(dice, rows)
    if any(labels_of({**dict(named), "le": bound}) in table for bound in bounds):
        return
    columns = values(metric, dice, sorted(numbers), rows, step, len(bounds))
    for bound, column in zip(bounds, columns, strict=True):
        whole = np.where(np.isnan(gone), column, 0.0)
        whole.view(np.int64)[gone == 1] = np.float64(MISSING).view(np.int64)
        whole.view(np.int64)[gone == 2] = np.float64(STALE).view(np.int64)
        table[labels_of({**dict(named), "le": bound})] = whole


def faults(dice: np.random.Generator, rows: int) -> np.ndarray:
    """NaN where a sample is, 1 where none is, 2 where a stale marker is."""
    gone = np.full(rows, np.nan)
    kind = dice.integers(6)
    if kind == 0:
        gone[dice.random(rows) < 0.05] = 1
    elif kind == 1:  # a hole of up to half an hour
        start = int(dice.integers(10, rows - 40))
        gone[start : start + int(dice.integers(3, 30))] = 1
    elif kind == 2:  # the target disappears
        start = int(dice.integers(rows // 3, rows))
        gone[start], gone[start + 1 :] = 2, 1
    elif kind == 3:  # and returns
        start = int(dice.integers(10, rows - 40))
        gone[start], gone[start + 1 : start + 15] = 2, 1
    elif kind == 4:
        gone[: int(dice.integers(1, rows // 2))] = 1
    return gone


def values(
    metric: str,
    dice: np.random.Generator,
    numbers: Sequence[float],
    rows: int,
    step: int,
    columns: int,
) -> list[np.ndarray]:
    """Values that stay at a level and jump to another, around the thresholds of the rules."""
    of = [0.0, 1.0, *[n for n in numbers if n < 1e15]]
    around = dice.choice(of, size=rows) * dice.choice([0.0, 0.5, 1.0, 1.5, 3.0], size=rows)
    level = around[np.maximum.accumulate(np.where(dice.random(rows) < 0.06, np.arange(rows), 0))]
    if MOMENT.search(metric):
        ages = np.where(dice.random(rows) < 0.9, level, 0.0)
        return [exact(np.arange(rows) * step / 1000.0 - ages)] * columns
    if not COUNTER.search(metric):
        noisy = level * (1.0 + 0.1 * dice.random(rows) * dice.integers(2))
        return [exact(noisy)] * columns
    parts = dice.multinomial(20, np.ones(columns) / columns, size=rows) / 20.0
    grows = parts * (level * dice.choice([1.0, step / 1000.0]))[:, None]
    total = np.cumsum(exact(np.cumsum(grows, axis=1)), axis=0)
    for start in np.flatnonzero(dice.random(rows) < 0.015):  # the process starts again
        total[start:] -= total[start]
    return list(total.T)


def exact(numbers: np.ndarray) -> np.ndarray:
    """Rounded to 1/64: sums of these are the same in any order, and promtool's order is chance."""
    return np.asarray(np.round(numbers * 64.0) / 64.0)


def store(columns: dict[Labels, np.ndarray]) -> SeriesStore:
    """An empty store with these series' columns."""
    invented_store = SeriesStore()
    invented_store.table("scraped", list(columns))
    return invented_store
