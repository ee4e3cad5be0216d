"""Strengths, weaknesses and luck of a response, as far as they follow from the log."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.analysis.marks import Incident
from simulator.report.entry import StoryEntry, fold_repeats
from simulator.report.markdown import escape_markdown, sentence
from simulator.report.order_lines import order_lines
from simulator.report.phrases import measure_title
from simulator.report.terminal import format_measurement
from simulator.report.worth_tables import WorthLine, order_worth_lines
from simulator.score.endings import closed_early, self_ended_at
from simulator.score.measure import worst_of
from simulator.score.measurement import Measurement
from simulator.score.scores import Scores
from simulator.score.time_between import time_between
from simulator.units.wording import format_duration, hhmmss

TO_FILL = "_to fill_"
# An order that changes less is neither: it may be the chance of a scrape or two.
NOTABLE_SECONDS = 60
# A longer time is a weakness; that of the acknowledgement is the rubric's.
QUICK_SECONDS = {"time_to_detect": 300, "time_to_acknowledge": 60, "time_to_mitigate": 1800}


def strengths(timeline: Timeline, scores: Scores) -> Iterator[str]:
    """The strengths, an item each: quick times, and right decisions."""
    items = list(_strengths(timeline, scores))
    yield from items
    yield f"- {TO_FILL}" if items else f"- {TO_FILL} (none follow from the log)"


def _strengths(timeline: Timeline, scores: Scores) -> Iterator[str]:
    # An incident that ended by itself is not the responder's merit.
    mitigated = [i for i in timeline.incidents if self_ended_at(timeline, i) is None]
    times = [time_between(timeline, i, "impact", "mitigate") for i in mitigated]
    merit = worst_of(mitigated, times) or Measurement.missing("all ended by themselves")
    for name, limit in QUICK_SECONDS.items():
        measured = merit if name == "time_to_mitigate" else scores.measures[name]
        if measured.value is not None and measured.value <= limit:
            yield f"- {measure_title(name)} was {format_measurement(measured)}."
    for incident in timeline.incidents:
        marks = incident.marks
        if marks.diagnose is not None:
            yield f"- The diagnosis of `{incident.id}` was correct."
        if marks.close is not None and not closed_early(timeline, incident):
            yield f"- `{incident.id}` was closed only after it was over."
    for line in _notable_orders(timeline, scores):
        if line.seconds > 0:
            saved = format_duration(line.seconds * 1000)
            yield f"- {line.at} {escape_markdown(line.name)} saved {saved} outside of objectives."


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
    for name, limit in QUICK_SECONDS.items():
        measured = scores.measures[name]
        if measured.value is not None and measured.value > limit:
            yield f"- {measure_title(name)} was {format_measurement(measured)}."
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
