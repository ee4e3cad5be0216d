"""Looks of players as entries of a story, each with its query and its answer."""

import json
from bisect import bisect
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace

from simulator.report.entry import StoryEntry
from simulator.report.phrases import shorten
from simulator.report.series import shared_labels
from simulator.run import Run
from simulator.run.events import ActionEvent, InjectEvent, LookEvent, PageEvent, StepEvent
from simulator.units.wording import (
    SCRAPE_LABELS,
    format_count,
    format_sample,
    format_sample_value,
)

STATE = "state of "
LOG_SEARCH = "log: "
# An instance is an address: what is there has other labels, its job at least.
ADDRESS_LABELS = frozenset({"__name__", "instance"})


def looks(run: Run) -> Iterator[StoryEntry]:
    """The looks of a run with their answers.

    Equal looks of a player with equal answers but for their values are one entry, unless a fault
    or a page begins or an incident is closed between them: what a player looks at then may be
    about another incident.
    """
    edges, shared, branches = _edges(run), _SharedLabels(run), _branch_reasons(run)
    first: dict[tuple[str, ...], LookEvent] = {}
    entries: dict[tuple[str, ...], StoryEntry] = {}
    for look in run.of(LookEvent):
        if any(look.expr in why for why in branches.get((look.who, look.t), ())):
            continue  # the entry of the branch has the query and its answer
        key = (look.who, look.expr, _kind_of_answer(look), str(bisect(edges, look.t)))
        entry = _entry(look, shared)
        if key not in entries:
            first[key], entries[key] = look, entry
            continue
        before = entries[key]
        text, value = _entry(first[key], shared).text, format_sample_value(look.value)
        if look.value is not None and value != format_sample_value(first[key].value):
            text += f", later {value}"
        entries[key] = replace(before, text=text, count=before.count + 1, until=look.t)
    return iter(entries.values())


def _edges(run: Run) -> list[int]:
    """The times between which equal looks are about the same incident, ms."""
    faults = (event.t for event in run.of(InjectEvent) if event.type == "fault")
    pages = (event.t for event in run.of(PageEvent) if event.state == "sent")
    closes = (e.t for e in run.of(ActionEvent) if e.action == "close" and e.state == "done")
    return sorted([*faults, *pages, *closes])


def _branch_reasons(run: Run) -> dict[tuple[str, int], list[str]]:
    """The reasons of branches by player and time; a branch may be the first step of another."""
    reasons: dict[tuple[str, int], list[str]] = {}
    for event in run.of(StepEvent):
        if event.verb == "branch":
            reasons.setdefault((event.who, event.t), []).append(event.why)
    return reasons


def _kind_of_answer(look: LookEvent) -> str:
    """A key that is equal for the answers that one entry can stand for."""
    if look.error or not look.count:
        return look.error or str(look.count)
    labels = {name: value for name, value in look.labels.items() if name != "text"}
    return json.dumps(labels, sort_keys=True)


def _entry(look: LookEvent, shared: "_SharedLabels") -> StoryEntry:
    if look.expr.startswith(LOG_SEARCH):
        pattern = shorten(look.expr.removeprefix(LOG_SEARCH), 60)
        text, answer = f"looks for “{pattern}” in the logs", _lines_in_words(look)
    elif look.expr.startswith(STATE):
        # A simulated specialist looks into a component.
        text = f"looks at the {look.expr}"
        answer = next(iter(look.labels.values()), "nothing wrong")
    else:
        text, answer = f"looks at {shorten(look.expr, 72)}", _samples_in_words(look, shared)
    # A query without an answer often decides a drill: the player acts on a wrong assumption.
    if look.error:
        answer = f"no answer: {shorten(look.error, 80)}"
    tone, rank = ("bad", 2) if look.error else ("log", 2)
    return StoryEntry(look.t, look.who, text + (f" -> {answer}" if answer else ""), tone, rank)


def _lines_in_words(look: LookEvent) -> str:
    if not look.count:
        return "nothing"
    last = f"{look.labels.get('part', '')}: {shorten(look.labels.get('text', ''), 60)}"
    return f"{format_count(look.count, 'lines')}, last of {last}"


def _samples_in_words(look: LookEvent, shared: "_SharedLabels") -> str:
    if look.count is None:
        return ""
    if not look.count:
        return "nothing"
    sample = format_sample(look.labels, look.value, shared.of(look.labels))
    return sample if look.count == 1 else f"{look.count} results, first {sample}"


class _SharedLabels:
    """The labels that distinguish no series, as all series have the same.

    Of a sample with a metric's name these are the labels that all its series share, of another
    those with a single value in the whole run; without series, those of a scrape.
    """

    def __init__(self, run: Run) -> None:
        self._by_metric: dict[str, list[dict[str, str]]] = {}
        values: dict[str, set[str]] = {}
        tables = [name for name in run.series if name.endswith(".series")]
        for name in tables if run.of(LookEvent) else ():
            for text in run.series[name]:
                labels = json.loads(str(text))
                self._by_metric.setdefault(labels.get("__name__", ""), []).append(labels)
                for label, value in labels.items():
                    values.setdefault(label, set()).add(value)
        singles = {label for label in values if len(values[label]) == 1}
        self._of_all = SCRAPE_LABELS | singles

    def of(self, sample: Mapping[str, str]) -> Set[str]:
        """The labels of a sample that distinguish nothing."""
        series = self._by_metric.get(sample.get("__name__", ""))
        return self._of_all if series is None else shared_labels(series) | ADDRESS_LABELS
