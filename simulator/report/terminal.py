"""A run told in the terminal: its timeline and its scorecard.

Colour only where rich finds a terminal; piped, it is plain text of a fixed width.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from simulator.report.entry import Entry
from simulator.report.incidents import HEAD, Row, rows
from simulator.report.story import story
from simulator.run import Run
from simulator.score.grade import Scores
from simulator.score.measure import Measurement
from simulator.units.wording import format_count, format_duration, hhmmss

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

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
VERDICTS = {"pass": "bold green", "fail": "bold red", "invalid": "bold yellow"}
WORDS = {"pass": "PASSED", "fail": "FAILED", "invalid": "INVALID"}


def console_for() -> Console:
    """A console on standard output, as wide as it is or COLUMNS says.

    Where nobody sees its width and nothing is said, it has a fixed one.
    """
    from rich.console import Console

    found = Console(highlight=False, emoji=False)
    if not found.is_terminal:
        stated = os.environ.get("COLUMNS", "")
        found.width = (int(stated) if stated.isdecimal() else 0) or PIPED_WIDTH
    return found


def timeline(run: Run, console: Console | None = None) -> None:
    """Print what happened: when, who, what."""
    from rich.table import Table
    from rich.text import Text

    console = console or console_for()
    console.print()
    console.print(_title(run))
    console.print()
    entries, left_out = story(run)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True, max_width=22, overflow="ellipsis")
    table.add_column(overflow="fold", ratio=1)
    for entry in entries:
        table.add_row(f"T+{hhmmss(entry.t)}", _who(entry), Text(entry.told, TONES[entry.tone]))
    _print(console, table)
    if left_out:
        console.print(f"            and {left_out} more of less weight, in log.jsonl", style="dim")


def scorecard(run: Run, scores: Scores, console: Console | None = None) -> None:
    """Print the verdict, why it fell, the times of each fault, the marks and the measures."""
    from rich.columns import Columns
    from rich.text import Text

    console = console or console_for()
    console.print()
    verdict = Text(f" {WORDS[scores.verdict]} ", f"{VERDICTS[scores.verdict]} reverse")
    line = Text("  ") + Text(scores.why[0] if scores.why else "")
    console.print(verdict + line)
    for sentence in scores.why[1:]:
        console.print(Text(" " * (len(WORDS[scores.verdict]) + 4) + sentence))
    console.print()
    if told := rows(run, scores):
        _print(console, _faults(told))
        console.print()
    # Each incident more has a column of its own among the marks.
    room = console.width - sum(max(10, len(i.id)) + 3 for i in scores.incidents[1:])
    format_beside_limit = room >= 96
    # Beside the reasons stand the measures' names and values, and where there is room the marks.
    why = max(24, room - 66 if format_beside_limit else console.width - 36)
    tables: list[RenderableType] = [_marks(scores), _measures(scores, why)]
    if format_beside_limit:
        _print(console, Columns(tables, padding=(0, 4)))
    else:
        for table in tables:
            _print(console, table)
            console.print()


def _print(console: Console, table: RenderableType) -> None:
    """Print a table; without the blanks that fill its lines where it goes into a file."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        console.file.write(line.rstrip() + "\n")


def _title(run: Run) -> RenderableType:
    from rich.text import Text

    header = run.header
    title = Text(str(header.get("title") or header.get("scenario")), "bold")
    responder = header.get("responder") or "none"
    answered = "nobody answers" if responder == "none" else f"{responder} answers"
    facts = [str(header.get("scenario")), f"seed {header.get('seed')}"]
    facts.append(f"{answered} for {header.get('plays')}")
    return title + Text("\n" + " · ".join(facts), "dim")


def _who(entry: Entry) -> RenderableType:
    from rich.text import Text

    return Text(entry.who, "dim" if entry.tone in {"phase", "log"} else "")


def _faults(told: list[Row]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in HEAD:
        table.add_column(name)
    for row in told:
        times = (Text(cell, "" if cell.startswith("T+") else "dim") for cell in row[1:])
        table.add_row(Text(row.fault), *times)
    return table


def _marks(scores: Scores) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("mark")
    for incident in scores.incidents:
        table.add_column(incident.id, justify="right", no_wrap=True)
    names = [name for name, _ in scores.incidents[0].marks.items()] if scores.incidents else []
    for name in names:
        times = [dict(incident.marks.items())[name] for incident in scores.incidents]
        cells = [Text("–", "dim") if t is None else Text(f"T+{hhmmss(t)}") for t in times]
        table.add_row(name, *cells)
    return table


def _measures(scores: Scores, width: int) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("measure", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("why", style="dim", max_width=width)
    for name, measure in scores.measures.items():
        if shown(measure):
            value = Text("–", "dim") if measure.value is None else Text(said(measure), "bold")
            table.add_row(name.replace("_", " "), value, measure.why)
    return table


def shown(measure: Measurement) -> bool:
    """Whether there is anything to say about it yet."""
    from simulator.score.measure import NOT_MEASURED_YET

    return measure.why != NOT_MEASURED_YET


def said(measure: Measurement) -> str:
    """A measure's value with its unit, as a person says it.

    Examples
    --------
    >>> said(Measurement(95.0)), said(Measurement(0.8333, "ratio")), said(Measurement(1, "pages"))
    ('1 min 35 s', '0.83', '1 page')
    """
    if measure.value is None:
        return "–"
    if measure.unit == "seconds":
        return format_duration(measure.value * 1000)
    if measure.unit == "ratio":
        return f"{measure.value:.2f}"
    return format_count(measure.value, measure.unit)
