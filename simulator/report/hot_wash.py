"""What went well, what less well and what by luck, as far as the log can tell."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.report.markdown import plain, sentence
from simulator.report.orders import order_records
from simulator.report.terminal import said
from simulator.run import Run
from simulator.score.endings import closed_early, self_ended_at
from simulator.score.grade import Scores
from simulator.score.marks import Incident
from simulator.score.measure import longest_time_between
from simulator.units.wording import format_duration, hhmmss

TO_FILL = "_to fill_"
# Above these the timings of an incident are no strength: the acknowledgement's is the rubric's.
QUICK_SECONDS = {"time_to_detect": 300, "time_to_acknowledge": 60, "time_to_mitigate": 1800}


def well(run: Run, scores: Scores) -> Iterator[str]:
    """Strengths, an item each: what was quick, and what was done right."""
    found = False
    mended = [one for one in scores.incidents if self_ended_at(run, one) is None]
    earned = {
        "time_to_mitigate": longest_time_between(run, mended, run.twins, "impact", "mitigate")
    }
    for name, limit in QUICK_SECONDS.items():
        measure = earned.get(name, scores.measures[name])
        if measure.value is not None and measure.value <= limit:
            found = True
            yield f"- {name.replace('_', ' ')} was {said(measure)}."
    for incident in scores.incidents:
        marks = incident.marks
        if marks.diagnose is not None:
            found = True
            yield f"- The cause of `{incident.id}` was named correctly."
        if marks.close is not None and not closed_early(run, incident):
            found = True
            yield f"- `{incident.id}` was closed only when nothing of it was left."
    yield f"- {TO_FILL}" if found else f"- {TO_FILL} (the log shows nothing)"


def less_well(run: Run, scores: Scores) -> Iterator[str]:
    """Weaknesses, an item each: why it failed first, then what was done wrong."""
    if scores.verdict != "pass":
        yield from (f"- {sentence(why)}" for why in scores.why)
    for incident in scores.incidents:
        yield from _early(run, incident)
    for name, limit in QUICK_SECONDS.items():
        measure = scores.measures[name]
        if measure.value is not None and measure.value > limit:
            yield f"- {name.replace('_', ' ')} was {said(measure)}."
    for incident in scores.incidents:
        yield from _slips(incident)
    for doing in order_records(run):
        if doing.state in {"failed", "unknown"}:
            told = plain(f"{doing.action} {doing.state}{doing.noted}.")
            yield f"- T+{hhmmss(doing.t)} {told}"
    yield f"- {TO_FILL}"


def _early(run: Run, incident: Incident) -> Iterator[str]:
    marks = incident.marks
    if marks.close is None or not closed_early(run, incident):
        return
    over = "and it was not over by the end of the drill"
    if marks.recover is not None:
        over = f"{format_duration(marks.recover - marks.close)} before it was over"
    yield f"- **`{incident.id}` was closed too early**, at T+{hhmmss(marks.close)}, {over}."


def _slips(incident: Incident) -> Iterator[str]:
    marks = incident.marks
    if marks.mitigate is not None and marks.close is None:
        yield f"- `{incident.id}` was never closed."
    if marks.declare is None:
        yield f"- No severity was declared for `{incident.id}`."


def lucky(run: Run, scores: Scores) -> Iterator[str]:
    """What passed without anybody's merit, an item each."""
    for incident in scores.incidents:
        alone = self_ended_at(run, incident)
        if alone is not None:
            yield f"- `{incident.id}` ended by itself at T+{hhmmss(alone)}: no order had ended it."
    yield f"- {TO_FILL}"
