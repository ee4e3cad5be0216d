"""A run in the terminal: its timeline and its scorecard.

In colour on a terminal; piped, as plain text of a fixed width.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from simulator.analysis import Timeline
from simulator.analysis.worth import Worth
from simulator.report.entry import StoryEntry
from simulator.report.fault_times import CAUSE_REMOVED, COLUMNS, FaultTimes, fault_times
from simulator.report.need_lines import needs_in_short
from simulator.report.phrases import format_players
from simulator.report.story import story
from simulator.report.worth_tables import worth_sentences, worth_tables
from simulator.run import Header
from simulator.score.measurement import Measurement
from simulator.score.scores import Scores
from simulator.units.wording import format_count, format_duration, hhmmss

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

PIPED_WIDTH = 110
TONES = {
    "phase": "dim",
    "truth": "magenta",
    "bad": "red",
    "good": "green",
    "alert": "yellow",
    "page": "cyan",
    "order": "bold",
    "talk": "italic",
    "log": "dim",
}
VERDICT_STYLES = {"pass": "bold green", "fail": "bold red", "invalid": "bold yellow"}
WORTH_STYLES = {"saves": "green", "costs": "red", "changes": "dim", "less": "dim"}
VERDICT_TEXTS = {"pass": "PASSED", "fail": "FAILED", "invalid": "INVALID"}


def make_console() -> Console:
    """A console on standard output with the width of the terminal.

    Without a terminal it has the width of a pipe.
    """
    from rich.console import Console

    console = Console(highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = piped_width()
    return console


def piped_width() -> int:
    """The width of a text that goes into a pipe: COLUMNS, or a fixed one."""
    columns = os.environ.get("COLUMNS", "")
    return (int(columns) if columns.isdecimal() else 0) or PIPED_WIDTH


def print_timeline(timeline: Timeline, console: Console | None = None) -> None:
    """Print the story: time, who, what."""
    from rich.table import Table

    console = console or make_console()
    console.print()
    console.print(_title(timeline.header))
    console.print()
    entries, left_out = story(timeline)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True, max_width=22, overflow="ellipsis")
    table.add_column(overflow="fold", ratio=1)
    for entry in entries:
        table.add_row(
            f"T+{hhmmss(entry.t)}", _who(entry), _text(entry.counted_text, TONES[entry.tone])
        )
    _print(console, table)
    if left_out:
        console.print(
            f"            and {left_out} less important entries in log.jsonl", style="dim"
        )


def print_scorecard(timeline: Timeline, scores: Scores, console: Console | None = None) -> None:
    """Print the verdict and its reasons, times of faults, marks, measures, needs, worth."""
    from rich.columns import Columns

    console = console or make_console()
    console.print()
    verdict = _text(
        f" {VERDICT_TEXTS[scores.verdict]} ", f"{VERDICT_STYLES[scores.verdict]} reverse"
    )
    line = _text("  ") + _text(scores.why[0].text if scores.why else "")
    console.print(verdict + line)
    for reason in scores.why[1:]:
        console.print(_text(" " * (len(VERDICT_TEXTS[scores.verdict]) + 4) + reason.text))
    console.print()
    if times := fault_times(timeline, scores):
        _print(console, _faults(times))
        console.print()
    # The marks have a column for each further incident.
    width = console.width - sum(max(10, len(i.id)) + 3 for i in scores.incidents[1:])
    side_by_side = width >= 96
    # The other columns take 36 characters, and 66 with the marks at their left.
    why = max(24, width - 66 if side_by_side else console.width - 36)
    marks = [_marks(scores)] if scores.incidents else []
    tables: list[RenderableType] = [*marks, _measures(scores, why)]
    if side_by_side:
        _print(console, Columns(tables, padding=(0, 4)))
    else:
        for table in tables:
            _print(console, table)
            console.print()
    sentences = list(needs_in_short(timeline))
    if sentences and side_by_side:
        console.print()
    for sentence in sentences:
        _print(console, _text(sentence))
    if scores.worth is not None:
        if side_by_side or sentences:
            console.print()
        _print_worth(timeline, scores.worth, console)


def _print_worth(timeline: Timeline, worth: Worth, console: Console) -> None:
    """Print what the run and each order were worth."""
    for sentence in worth_sentences(timeline, worth):
        _print(console, _text(sentence))
    for worth_table in worth_tables(timeline, worth):
        console.print()
        table = _table()
        table.add_column(worth_table.title)
        table.add_column(worth_table.note)
        for line in worth_table.lines:
            name = _text(f"{line.at}   " if line.at else "", "dim") + _text(line.name)
            table.add_row(name, _text(line.words, WORTH_STYLES[line.tone]))
        _print(console, table)


def _print(console: Console, table: RenderableType) -> None:
    """Print a table; without trailing blanks if not on a terminal."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        console.file.write(line.rstrip() + "\n")


def _title(header: Header) -> RenderableType:
    title = _text(header.title, "bold")
    facts = [header.scenario, f"seed {header.seed}", format_players(header)]
    return title + _text("\n" + " · ".join(facts), "dim")


def _who(entry: StoryEntry) -> RenderableType:
    return _text(entry.who, "dim" if entry.tone in {"phase", "log"} else "")


def _text(text: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(text, style)


def _table() -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)


def _faults(times: list[FaultTimes]) -> Table:
    """The times of several faults, without that of the removal, which is among the marks."""
    table = _table()
    for name in COLUMNS:
        if name != CAUSE_REMOVED:
            table.add_column(name)
    for row in times:
        cells = zip(COLUMNS, row, strict=True)
        table.add_row(*(_text(cell, "" if cell.startswith("T+") or name == "fault" else "dim")
                        for name, cell in cells if name != CAUSE_REMOVED))  # fmt: skip
    return table


def _marks(scores: Scores) -> Table:
    """The marks of one or more incidents."""
    table = _table()
    table.add_column("mark")
    for incident in scores.incidents:
        table.add_column(incident.id, justify="right", no_wrap=True)
    for name in dict(scores.incidents[0].marks.items()):
        times = [incident.marks[name] for incident in scores.incidents]
        cells = [_text("–", "dim") if t is None else _text(f"T+{hhmmss(t)}") for t in times]
        table.add_row(name.replace("_", " "), *cells)
    return table


def _measures(scores: Scores, width: int) -> Table:
    table = _table()
    table.add_column("measure", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("why", style="dim", max_width=width)
    for name, measured in scores.measures.items():
        value = _text(format_measurement(measured), "dim" if measured.value is None else "bold")
        table.add_row(name.replace("_", " "), value, measured.why)
    return table


def format_measurement(measured: Measurement) -> str:
    """The value of a measure with its unit.

    Examples
    --------
    >>> measurements = (Measurement(95.0), Measurement(0.8333, "ratio"), Measurement(1, "pages"))
    >>> [format_measurement(measured) for measured in measurements]
    ['1 min 35 s', '0.83', '1 page']
    """
    if measured.value is None:
        return "–"
    if measured.unit == "seconds":
        return format_duration(measured.value * 1000)
    if measured.unit == "ratio":
        return f"{measured.value:.2f}"
    return format_count(measured.value, measured.unit)
