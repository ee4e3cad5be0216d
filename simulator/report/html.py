"""report.html: a run as one page that opens offline, in light and dark, wide and narrow."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.report import incidents, plots
from simulator.report.entry import Entry
from simulator.report.lanes import stages
from simulator.report.orders import order_records
from simulator.report.phrases import shape
from simulator.report.story import story
from simulator.report.terminal import WORDS, said, shown
from simulator.run import Run, write_text
from simulator.score import measure
from simulator.score.endings import closed_early, self_ended_at
from simulator.score.grade import Scores
from simulator.score.marks import Incident, harmless
from simulator.score.truth import end_of, objectives, true_values
from simulator.units.wording import format_amount, format_duration, hhmmss

if TYPE_CHECKING:
    from jinja2 import Template

LOG_LINES = 200
TITLES = {
    "time_to_detect": "Time to detect",
    "silent_time": "Silent time",
    "time_to_acknowledge": "Time to acknowledge",
    "time_to_diagnose": "Time to diagnose",
    "time_to_mitigate": "Time to mitigate",
    "time_to_recover": "Time to recover",
}


def write(run: Run, scores: Scores, path: Path) -> None:
    """Write the page.

    Parameters
    ----------
    run : Run
        With its twins, where there are any: they are the faint lines of the plots.
    scores : Scores
    path : Path
        The file to write, usually `report.html` in the run's folder.
    """
    write_text(path, page(run, scores))


def page(run: Run, scores: Scores) -> str:
    """The page as text; the same run gives the same bytes."""
    from markupsafe import Markup

    header = run.header
    return _template().render(
        title=header.get("title") or header.get("scenario"),
        header=header,
        scores=scores,
        verdict=WORDS[scores.verdict].title(),
        starts=_starts(str(header.get("starts_at") or "")),
        length=format_duration(end_of(run)),
        responder=header.get("responder") or "none",
        tiles=[_tile(name, scores) for name in scores.measures if shown(scores.measures[name])],
        head=incidents.HEAD,
        rows=incidents.rows(run, scores),
        incidents=[_incident(incident, run) for incident in scores.incidents],
        goals=_goals(run),
        wide=Markup(plots.figure_svg(run, scores, "wide")),
        narrow=Markup(plots.figure_svg(run, scores, "narrow")),
        legend=_legend(run, scores),
        signs=plots.SIGNS,
        entries=[_row(entry, run) for entry in story(run, rows=None)[0] if entry.rank < 5],
        lines=_lines(run),
        most=LOG_LINES,
        replay=replay_command(run),
        hhmmss=hhmmss,
    )


def replay_command(run: Run) -> str:
    """The command that simulates the run again."""
    stated = run.header.get("replay")
    if isinstance(stated, list | tuple):
        import shlex

        return shlex.join(str(part) for part in stated)
    if stated:
        return str(stated)
    return f"drill run {run.header.get('scenario')} --seed {run.header.get('seed')}"


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("report.html.j2")


def _starts(text: str) -> str:
    try:
        return datetime.fromisoformat(text).strftime("%A %-d %B %Y, %H:%M %Z").strip()
    except ValueError:
        return text


def _tile(name: str, scores: Scores) -> dict[str, Any]:
    found = scores.measures[name]
    return {
        "name": TITLES.get(name, name.replace("_", " ").capitalize()),
        "value": said(found),
        "missing": found.value is None,
        "why": found.why,
    }


def _incident(incident: Incident, run: Run) -> dict[str, Any]:
    onset, spared = incident.marks.onset or 0, harmless(run, incident.marks)
    early, alone = closed_early(run, incident), self_ended_at(run, incident)
    untold = {
        name for name, _ in incident.marks.items() if measure.unknown_reason(run, run.twins, name)
    }
    # Nothing says when what harmed nothing is over but the responder.
    over = (incident.marks.close if spared else None) or end_of(run)
    marks = [
        {
            "name": name,
            "at": None if t is None else f"T+{hhmmss(t)}",
            "after": _after(name, t, onset, spared, name in untold),
            "early": name == "close" and early,
        }
        for name, t in incident.marks.items()
    ]
    return {
        "id": incident.id,
        "fault": incident.fault,
        "marks": marks,
        "stages": stages(incident.marks, over),
        "alone": None if alone is None else hhmmss(alone),
    }


def _after(name: str, t: int | None, onset: int, spared: bool, untold: bool) -> str:
    if t is not None:
        return "the fault begins" if name == "onset" else f"+{format_duration(t - onset)}"
    if spared and name == "impact":
        return incidents.HARMLESS
    return "not known" if untold else "did not happen"


def _legend(run: Run, scores: Scores) -> list[tuple[str, str]]:
    told = {**plots.LEGEND}
    if len(scores.incidents) > 1:
        told["quiet"] += "s"
    if not len(run.truth_times):
        return []  # a run that was killed has lanes only
    return [item for item in told.items() if item[0] in {"run", "bad"} or run.twins]


def _goals(run: Run) -> list[dict[str, Any]]:
    found = []
    during = run.truth_times >= int(run.header.get("warm_up", 0))
    for goal in objectives(run):
        values = true_values(run, goal.name)[during]
        inside = goal.holds(values)
        side = "at least" if goal.limit == goal.low else "at most"
        finite = values[np.isfinite(values)]
        worst = (finite.min() if goal.limit == goal.low else finite.max()) if len(finite) else None
        found.append(
            {
                "name": goal.name,
                "limit": f"{side} {format_amount(goal.limit, goal.unit)}",
                "share": f"{100 * inside.mean():.1f} %" if len(inside) else "–",
                "worst": "–" if worst is None else format_amount(float(worst), goal.unit),
                "end": format_amount(float(values[-1]), goal.unit) if len(values) else "–",
                "holds": bool(len(inside) and inside[-1]),
            }
        )
    return found


def _row(entry: Entry, run: Run) -> dict[str, Any]:
    numbers = {(d.t, d.who, d.text): number for number, d in enumerate(order_records(run), 1)}
    found = [n for (t, who, text), n in numbers.items()
             if t == entry.t and who == entry.who and entry.text.startswith(text)]  # fmt: skip
    return {
        "at": hhmmss(entry.t),
        "who": entry.who,
        "text": entry.text,
        "tone": entry.tone,
        "count": entry.count,
        "until": hhmmss(entry.until) if entry.until else "",
        "number": found[0] if found else None,
    }


def _lines(run: Run) -> list[dict[str, Any]]:
    """Log lines by shape, those first that warn, then by how often they came."""
    first: dict[tuple[str, str, str], Any] = {}
    last: dict[tuple[str, str, str], int] = {}
    count: Counter[tuple[str, str, str]] = Counter()
    for event in run.of("line"):
        level, text = str(event.data.get("level", "INFO")).upper(), str(event.data.get("text", ""))
        key = (event.who, level, shape(text))
        first.setdefault(key, event)
        last[key] = event.t
        count[key] += 1
    weight = {"CRITICAL": 0, "FATAL": 0, "ERROR": 1, "WARN": 2, "WARNING": 2}
    keys = sorted(first, key=lambda key: (weight.get(key[1], 3), first[key].t))
    return [
        {
            "level": key[1],
            "who": key[0],
            "text": str(first[key].data.get("text", "")),
            "first": hhmmss(first[key].t),
            "last": hhmmss(last[key]) if count[key] > 1 else "",
            "count": count[key],
        }
        for key in keys[:LOG_LINES]
    ]
