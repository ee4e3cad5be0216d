"""report.html: a run as one page that opens offline, in light and dark, wide and narrow."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.analysis import Timeline
from simulator.report import html_rows, plots
from simulator.report.fault_times import COLUMNS, fault_times
from simulator.report.lanes import SEVERITY_TONES
from simulator.report.need_lines import COLUMNS as NEED_COLUMNS
from simulator.report.need_lines import need_lines, need_sentences
from simulator.report.page_lines import COLUMNS as PAGE_COLUMNS
from simulator.report.page_lines import page_lines, page_sentences
from simulator.report.phrases import format_player, repeat_commands
from simulator.report.policy_ladder import page_ladders
from simulator.report.scorecard import (
    VERDICT_TEXTS,
    capability_rows,
    incident_ratings,
    index_basis,
    index_sentence,
    measure_rows,
    other_notes,
)
from simulator.report.story import story
from simulator.report.worth_tables import worth_sentences, worth_tables
from simulator.run import NO_FAULT, NONE
from simulator.run.folder import write_text
from simulator.score.scores import Scores
from simulator.units.wording import format_duration

if TYPE_CHECKING:
    from jinja2 import Template


def write(timeline: Timeline, scores: Scores, path: Path) -> None:
    """Write the page, usually to report.html in the run's folder."""
    write_text(path, render(timeline, scores))


def render(timeline: Timeline, scores: Scores) -> str:
    """The page as text; the same run gives the same bytes."""
    from markupsafe import Markup

    header = timeline.header
    entries, _ = story(timeline, rows=None)
    wide, narrow = plots.figure_svgs(timeline, scores)
    return _template().render(
        title=header.title,
        header=header,
        scores=scores,
        verdict=VERDICT_TEXTS[scores.verdict].title(),
        starts=_format_start(header.starts_at),
        length=format_duration(timeline.end),
        responder=header.responder,
        players=[format_player(player) for player in header.players],
        capabilities=capability_rows(scores),
        index_note=index_sentence(scores) if scores.index is None else index_basis(scores),
        other_notes=other_notes(scores),
        measures=measure_rows(scores.measures),
        ratings=incident_ratings(scores),
        ladders=page_ladders(timeline),
        columns=COLUMNS,
        worth=scores.worth and list(worth_sentences(timeline, scores.worth)),
        worth_tables=worth_tables(timeline, scores.worth) if scores.worth else [],
        need_columns=NEED_COLUMNS,
        needs=need_lines(timeline),
        need_sentences=list(need_sentences(timeline)),
        page_columns=PAGE_COLUMNS,
        pages=page_lines(timeline),
        page_sentences=list(page_sentences(timeline)),
        fault_times=fault_times(timeline, scores),
        incidents=[html_rows.incident_card(timeline, incident) for incident in timeline.incidents],
        objectives=list(html_rows.objective_rows(timeline.truth)),
        wide=Markup(wide),
        narrow=Markup(narrow),
        legend=_legend(timeline, scores),
        symbols=[*plots.SYMBOLS, *_severities(timeline)],
        entries=[html_rows.entry_row(entry) for entry in entries if entry.rank < 5],
        lines=html_rows.log_rows(timeline.run),
        max_lines=html_rows.MAX_LOG_LINES,
        commands=repeat_commands(timeline.run),
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


def _severities(timeline: Timeline) -> list[tuple[str, str, str]]:
    """The severities of the picture: colour, symbol and meaning."""
    right = timeline.right_severity
    present = {change.severity for change in (*right, *timeline.declared_severity) if right}
    return [(tone, "■", name) for name, tone in SEVERITY_TONES.items() if name in present]


def _legend(timeline: Timeline, scores: Scores) -> list[tuple[str, str]]:
    legend = {**plots.LEGEND}
    if len(timeline.incidents) > 1:
        legend[NO_FAULT] += "s"
    if not len(timeline.truth.times):
        return []  # a killed run has lanes only
    return [item for item in legend.items() if item[0] not in {NO_FAULT, NONE} - {*timeline.twins}]
