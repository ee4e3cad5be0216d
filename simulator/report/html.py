"""report.html: a run as one page that opens offline, in light and dark, wide and narrow."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.analysis.marks import Incident, harmless
from simulator.analysis.truth import end_of, graded_scrapes, objectives, true_values
from simulator.report import plots
from simulator.report.entry import StoryEntry
from simulator.report.fault_times import COLUMNS, HARMLESS, fault_times
from simulator.report.lanes import incident_segments
from simulator.report.order_records import OrderRecord, order_records
from simulator.report.phrases import format_player, line_pattern, repeat_commands
from simulator.report.story import story
from simulator.report.terminal import VERDICT_TEXTS, format_measurement, is_measured
from simulator.run import NO_FAULT, Run
from simulator.run.events import LineEvent
from simulator.run.folder import write_text
from simulator.score.endings import closed_early, self_ended_at
from simulator.score.grade import Scores
from simulator.score.measure import unknown_reason
from simulator.units.wording import format_amount, format_duration, hhmmss

if TYPE_CHECKING:
    from jinja2 import Template

MAX_LOG_LINES = 200
SEVERITY = {"CRITICAL": 0, "FATAL": 0, "ERROR": 1, "WARN": 2, "WARNING": 2}


def write(run: Run, scores: Scores, path: Path) -> None:
    """Write the page, usually to report.html in the run's folder."""
    write_text(path, render(run, scores))


def render(run: Run, scores: Scores) -> str:
    """The page as text; the same run gives the same bytes."""
    from markupsafe import Markup

    header, measures, orders = run.header, scores.measures, list(order_records(run))
    return _template().render(
        title=header.title,
        header=header,
        scores=scores,
        verdict=VERDICT_TEXTS[scores.verdict].title(),
        starts=_format_start(header.starts_at),
        length=format_duration(end_of(run)),
        responder=header.responder,
        players=[format_player(player) for player in header.players],
        tiles=[_tile(name, scores) for name in measures if is_measured(measures[name])],
        columns=COLUMNS,
        fault_times=fault_times(run, scores),
        incidents=[_incident(incident, run) for incident in scores.incidents],
        objectives=list(_objectives(run)),
        wide=Markup(plots.figure_svg(run, scores, "wide")),
        narrow=Markup(plots.figure_svg(run, scores, "narrow")),
        legend=_legend(run, scores),
        symbols=plots.SYMBOLS,
        entries=[_entry(entry, orders) for entry in story(run, rows=None)[0] if entry.rank < 5],
        lines=_log_lines(run),
        max_lines=MAX_LOG_LINES,
        commands=repeat_commands(run),
    )


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("report.html.j2")


def _format_start(text: str) -> str:
    try:
        return datetime.fromisoformat(text).strftime("%A %-d %B %Y, %H:%M %Z").strip()
    except ValueError:
        return text


def _tile(name: str, scores: Scores) -> dict[str, Any]:
    measured = scores.measures[name]
    return {
        "name": name.replace("_", " ").capitalize(),
        "value": format_measurement(measured),
        "missing": measured.value is None,
        "why": measured.why,
    }


def _incident(incident: Incident, run: Run) -> dict[str, Any]:
    no_harm, early = harmless(run, incident.marks), closed_early(run, incident)
    self_ended = self_ended_at(run, incident)
    # A fault without harm is over when the responder closes it.
    over = (incident.marks.close if no_harm else None) or end_of(run)
    marks = [
        {
            "name": name,
            "at": None if t is None else f"T+{hhmmss(t)}",
            "after": _after(run, incident, name, t, no_harm),
            "early": name == "close" and early,
        }
        for name, t in incident.marks.items()
    ]
    return {
        "id": incident.id,
        "fault": incident.fault,
        "marks": marks,
        "segments": incident_segments(incident.marks, over),
        "self_ended": None if self_ended is None else hhmmss(self_ended),
    }


def _after(run: Run, incident: Incident, name: str, t: int | None, no_harm: bool) -> str:
    """The time of a mark since the onset, or why there is none."""
    if t is not None:
        after = format_duration(t - (incident.marks.onset or 0))
        return "the fault begins" if name == "onset" else f"+{after}"
    if no_harm and name == "impact":
        return HARMLESS
    return "not known" if unknown_reason(run, run.twins, name) else "did not happen"


def _legend(run: Run, scores: Scores) -> list[tuple[str, str]]:
    legend = {**plots.LEGEND}
    if len(scores.incidents) > 1:
        legend[NO_FAULT] += "s"
    if not len(run.truth_times):
        return []  # a killed run has lanes only
    return [item for item in legend.items() if item[0] in {"run", "bad"} or run.twins]


def _objectives(run: Run) -> Iterator[dict[str, Any]]:
    for objective in objectives(run):
        unit, values = objective.unit, true_values(run, objective.name)[graded_scrapes(run)]
        inside, worst = objective.holds(values), objective.worst(values)
        side = "at least" if objective.has_minimum else "at most"
        yield {
            "name": objective.name,
            "limit": f"{side} {format_amount(objective.limit, unit)}",
            "share": f"{100 * inside.mean():.1f} %" if len(inside) else "–",
            "worst": "–" if math.isnan(worst) else format_amount(worst, unit),
            "end": format_amount(float(values[-1]), unit) if len(values) else "–",
            "holds": bool(len(inside) and inside[-1]),
        }


def _entry(entry: StoryEntry, orders: list[OrderRecord]) -> dict[str, Any]:
    numbers = [
        number
        for number, order in enumerate(orders, 1)
        if (order.t, order.who) == (entry.t, entry.who) and entry.text.startswith(order.text)
    ]
    return {
        "at": hhmmss(entry.t),
        "who": entry.who,
        "text": entry.text,
        "tone": entry.tone,
        "count": entry.count,
        "until": hhmmss(entry.until) if entry.until else "",
        "number": numbers[0] if numbers else None,
    }


@dataclass
class _LinePattern:
    """Log lines that differ only in numbers."""

    first: LineEvent
    last: LineEvent
    count: int = 1


def _log_lines(run: Run) -> list[dict[str, Any]]:
    """A row for each pattern of log lines, the most severe first."""
    patterns: dict[tuple[str, str, str], _LinePattern] = {}
    for event in run.of(LineEvent):
        key = (event.who, _level(event), line_pattern(event.text))
        if key in patterns:
            patterns[key].last = event
            patterns[key].count += 1
        else:
            patterns[key] = _LinePattern(event, event)
    rows = sorted(
        patterns.values(), key=lambda row: (SEVERITY.get(_level(row.first), 3), row.first.t)
    )
    return [
        {
            "level": _level(row.first),
            "who": row.first.who,
            "text": row.first.text,
            "first": hhmmss(row.first.t),
            "last": hhmmss(row.last.t) if row.count > 1 else "",
            "count": row.count,
        }
        for row in rows[:MAX_LOG_LINES]
    ]


def _level(event: LineEvent) -> str:
    return event.level.upper()
