"""Strengths, weaknesses and luck of a response, as far as they follow from the log.

Nothing is praised without a yardstick: a time as good as par, what a twin shows, the true cause.
"""

import math
from collections.abc import Iterator

import msgspec

from simulator.analysis import Timeline
from simulator.analysis.marks import Incident
from simulator.analysis.postmortem_sections import TO_FILL
from simulator.report.entry import StoryEntry, fold_repeats
from simulator.report.markdown import escape_markdown, sentence
from simulator.report.order_lines import order_lines
from simulator.report.phrases import measure_title
from simulator.report.scorecard import capability_rows, format_measurement, format_value
from simulator.report.worth_tables import WorthLine, order_worth_lines
from simulator.run.counterfactuals import REFERENCE
from simulator.score.endings import closed_early, self_ended_at
from simulator.score.measure import worst_of
from simulator.score.measurement import Measurement
from simulator.score.scores import Scores
from simulator.score.time_between import time_between
from simulator.units.wording import format_duration, hhmmss

# An order that changes less is neither: it may be the chance of a scrape or two.
NOTABLE_SECONDS = 60
# Without par, a longer time is a weakness; that of the acknowledgement is the rubric's.
LONG_SECONDS = {"time_to_detect": 300, "silent_time": 300, "time_to_acknowledge": 60,
                "time_to_mitigate": 1800}  # fmt: skip
# What the alerts do is the same in the reference's run: as soon as par is no merit of the team.
OF_ALERTS = frozenset({"time_to_detect", "silent_time"})
TIMES = ("time_to_detect", "silent_time", "time_to_acknowledge", "time_to_diagnose",
         "time_to_mitigate", "time_to_recover")  # fmt: skip


def strengths(timeline: Timeline, scores: Scores) -> Iterator[str]:
    """The strengths, an item each: times as good as par, right decisions, orders that saved."""
    items = list(_strengths(timeline, scores))
    yield from items
    yield f"- {TO_FILL}" if items else f"- {TO_FILL} (no yardstick shows any)"


def _strengths(timeline: Timeline, scores: Scores) -> Iterator[str]:
    """What a yardstick shows: par, a twin, or the true cause."""
    saved = scores.worth.saved if scores.worth is not None else None
    if saved is not None and saved > NOTABLE_SECONDS:
        text = "The response saved"
        yield f"- {text} {format_duration(saved * 1000)} outside of objectives, against nobody."
    for name in TIMES:
        measured = _merit(timeline, scores, name)
        if measured is None or not _as_good_as_par(timeline, name, measured):
            continue
        # Before any harm a detection takes 0 s, however long the fault was silent.
        silent = scores.measures.get("silent_time")
        if name != "time_to_detect" or (silent and _as_good_as_par(timeline, name, silent)):
            yield f"- {measure_title(name)} was {format_measurement(measured)}{_par(measured)}."
    for incident in timeline.incidents:
        marks = incident.marks
        if marks.diagnose is not None and scores.ratings.get("diagnosis", "P") in ("P", "S"):
            yield f"- The diagnosis of `{incident.id}` was correct."
        over = marks.recover is not None and not closed_early(timeline, incident)
        if marks.close is not None and over and scores.verdict == "pass":
            yield f"- `{incident.id}` was closed only after it was over."
    for line in _notable_orders(timeline, scores):
        if line.seconds > 0:
            seconds = format_duration(line.seconds * 1000)
            name = escape_markdown(line.name)
            yield f"- {line.at} {name} saved {seconds} outside of objectives."


def _merit(timeline: Timeline, scores: Scores, name: str) -> Measurement | None:
    """A time of the run, without the incidents that ended by themselves: they are no merit."""
    measured = scores.measures.get(name)
    if measured is None or name not in ("time_to_mitigate", "time_to_recover"):
        return measured
    own = [i for i in timeline.incidents if self_ended_at(timeline, i) is None]
    end = name.removeprefix("time_to_")
    worst = worst_of(own, [time_between(timeline, i, "impact", end) for i in own])
    return None if worst is None else msgspec.structs.replace(worst, par=measured.par)


def _as_good_as_par(timeline: Timeline, name: str, measured: Measurement) -> bool:
    """Whether a time is as good as the reference's; the reference itself has no yardstick."""
    value, par, header = measured.value, measured.par, timeline.header
    if value is None or par is None or header.reference or header.twin == REFERENCE:
        return False
    return value < par or (value == par and name not in OF_ALERTS)


def _par(measured: Measurement) -> str:
    """Par beside a value, if there is any."""
    return "" if measured.par is None else f" (par {format_value(measured.par, measured.unit)})"


def _notable_orders(timeline: Timeline, scores: Scores) -> Iterator[WorthLine]:
    """The orders that saved or cost time outside of objectives."""
    if scores.worth is not None:
        lines = order_worth_lines(timeline, scores.worth)
        yield from (line for line in lines if abs(line.seconds) >= NOTABLE_SECONDS)


def weaknesses(timeline: Timeline, scores: Scores) -> Iterator[str]:
    """The weaknesses, an item each: the reasons of the verdict first, then mistakes."""
    if scores.verdict != "pass":
        yield from (f"- {sentence(reason.text)}" for reason in scores.why)
    for incident in timeline.incidents:
        yield from _early_close(timeline, incident)
    for name in TIMES:
        measured = scores.measures.get(name)
        if measured is not None and _too_long(name, measured):
            text = format_measurement(measured).replace("> ", "more than ")
            yield f"- {measure_title(name)} was {text}{_par(measured)}."
    for row in capability_rows(scores):
        if row.rating in ("M", "U"):
            why = "; ".join(filter(None, (f"{row.name.capitalize()}: {row.word}", *row.limits)))
            yield f"- {escape_markdown(why)}."
    for incident in timeline.incidents:
        yield from _omissions(incident)
    for entry in fold_repeats(_failed_orders(timeline)):
        text = escape_markdown(f"{entry.counted_text}.")
        yield f"- T+{hhmmss(entry.t)} {text}"
    for worth_line in _notable_orders(timeline, scores):
        if worth_line.seconds < 0:
            cost = format_duration(-worth_line.seconds * 1000)
            name = escape_markdown(worth_line.name)
            yield f"- {worth_line.at} {name} cost {cost} outside of objectives."
    yield f"- {TO_FILL}"


def _too_long(name: str, measured: Measurement) -> bool:
    """Whether a time is notably longer than par, or without par than is usual."""
    value = measured.censored_at if measured.value is None else measured.value
    if value is None:
        return False
    if measured.par is not None:
        return value > measured.par + NOTABLE_SECONDS
    return value > LONG_SECONDS.get(name, math.inf)


def _failed_orders(timeline: Timeline) -> Iterator[StoryEntry]:
    for line in order_lines(timeline):
        order = line.order
        if order.failed:
            text = f"{order.action} {order.state}{line.note_suffix}"
            yield StoryEntry(order.t, order.who, text, "bad")


def _early_close(timeline: Timeline, incident: Incident) -> Iterator[str]:
    marks = incident.marks
    if marks.close is None or not closed_early(timeline, incident):
        return
    over = "and it was not over by the end of the drill"
    if marks.recover is not None:
        over = f"{format_duration(marks.recover - marks.close)} before it was over"
    yield f"- **`{incident.id}` was closed too early**, at T+{hhmmss(marks.close)}, {over}."


def _omissions(incident: Incident) -> Iterator[str]:
    marks = incident.marks
    if marks.mitigate is not None and marks.close is None:
        yield f"- `{incident.id}` was never closed."
    if marks.declare is None:
        yield f"- No severity was declared for `{incident.id}`."


def luck(timeline: Timeline, scores: Scores) -> Iterator[str]:
    """The incidents that ended without an order, an item each."""
    for incident in timeline.incidents:
        ended = self_ended_at(timeline, incident)
        if ended is not None:
            yield f"- `{incident.id}` ended by itself at T+{hhmmss(ended)}: no order ended it."
    yield f"- {TO_FILL}"
