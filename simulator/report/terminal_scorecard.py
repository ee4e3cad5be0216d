"""The grade of a run in the terminal: verdict, index, capabilities, measures, pages, worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.analysis import Timeline
from simulator.analysis.worth import Worth
from simulator.report.console import make_console, print_trimmed, simple_table, styled
from simulator.report.fault_times import CAUSE_REMOVED, COLUMNS, FaultTimes, fault_times
from simulator.report.need_lines import needs_in_short
from simulator.report.policy_ladder import PageLadder, page_ladders
from simulator.report.scorecard import (
    VERDICT_TEXTS,
    CapabilityRow,
    capability_rows,
    incident_ratings,
    index_sentence,
    measure_rows,
    other_notes,
)
from simulator.report.worth_tables import worth_sentences, worth_tables
from simulator.score.scores import Scores
from simulator.units.wording import hhmmss

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

VERDICT_STYLES = {"pass": "bold green", "fail": "bold red", "invalid": "bold yellow"}
RATING_STYLES = {"P": "bold green", "S": "green", "M": "yellow", "U": "bold red", "N/A": "dim"}
WORTH_STYLES = {"saves": "green", "costs": "red", "changes": "dim", "less": "dim"}
STEP_STYLES = {"good": "green", "bad": "red", "": ""}
BAR = 8  # characters
# Below this width a table has no bars, and the reasons of measures are lines of their own.
ROOMY = 90


def print_scorecard(timeline: Timeline, scores: Scores, console: Console | None = None) -> None:
    """Print the whole grade."""
    console = console or make_console()
    console.print()
    _print_verdict(scores, console)
    console.print()
    if scores.capabilities:
        print_trimmed(console, _capabilities(scores, console.width >= ROOMY))
        console.print()
    if ratings := incident_ratings(scores):
        print_trimmed(console, _incident_ratings(ratings))
        console.print()
    if notes := other_notes(scores):
        print_trimmed(console, styled("\n".join(notes), "italic"))
        console.print()
    print_trimmed(console, _measures(scores, console.width >= ROOMY))
    console.print()
    if times := fault_times(timeline, scores):
        print_trimmed(console, _faults(times))
        console.print()
    if scores.incidents:
        print_trimmed(console, _marks(scores))
        console.print()
    sentences = list(needs_in_short(timeline))
    for sentence in sentences:
        print_trimmed(console, styled(sentence))
    if sentences:
        console.print()
    _print_ladders(page_ladders(timeline), console)
    if scores.worth is not None:
        _print_worth(timeline, scores.worth, console)


def _print_verdict(scores: Scores, console: Console) -> None:
    """The verdict with its reasons, each with its rule unless it is passed; the index."""
    word = VERDICT_TEXTS[scores.verdict]
    start = styled(f" {word} ", f"{VERDICT_STYLES[scores.verdict]} reverse") + styled("  ")
    for reason in scores.why:
        rule = f"  ({reason.rule.replace('_', ' ')})" if scores.verdict != "pass" else ""
        console.print(start + styled(reason.text) + styled(rule, "dim"))
        start = styled(" " * (len(word) + 4))
    console.print()
    print_trimmed(console, styled(index_sentence(scores), "bold" if scores.index else "dim"))


def _capabilities(scores: Scores, bars: bool) -> Table:
    table = simple_table()
    for name in ("capability", "rating"):
        table.add_column(name, no_wrap=True)
    for name in ("score", "weight"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for row in capability_rows(scores):
        style = RATING_STYLES[row.rating]
        score = styled(f"{_bar(row.score)} " if bars else "", style) + styled(row.value)
        table.add_row(
            row.name, styled(row.rating, style), score, f"{row.weight:.2f}", _reasons(row)
        )
    return table


def _reasons(row: CapabilityRow) -> Text:
    """Why a capability has its score, what caps its rating, and what people say, a line each."""
    text = styled(row.why, "dim")
    for limit in row.limits:
        text += styled(f"\n{limit}", "red")
    for note in row.observed:
        text += styled(f"\n{note}", "italic")
    return text


def _bar(score: float | None) -> str:
    """A bar of a score.

    Examples
    --------
    >>> _bar(0.5), _bar(None)
    ('████····', '        ')
    """
    full = round(BAR * (score or 0.0))
    return " " * BAR if score is None else "█" * full + "·" * (BAR - full)


def _incident_ratings(ratings: dict[str, list[tuple[str, str, str]]]) -> Table:
    """The ratings of several incidents, a column each."""
    table = simple_table()
    table.add_column("capability", no_wrap=True)
    cells: dict[str, dict[str, str]] = {}
    for incident, rows in ratings.items():
        table.add_column(incident, no_wrap=True)
        for name, rating, score in rows:
            cells.setdefault(name, {})[incident] = f"{rating} {score}"
    for name, by_incident in cells.items():
        table.add_row(name, *(by_incident.get(incident, "–") for incident in ratings))
    return table


def _measures(scores: Scores, roomy: bool) -> Table:
    """The measures with par and the reasons, and their parts below them."""
    table = simple_table()
    table.add_column("measure", no_wrap=True)
    for name in ("value", "par"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why", style="dim", overflow="fold")
    # Its capability may have the same reasons, a table further up.
    reasons = {score.why for score in scores.capabilities.values()}
    for row in measure_rows(scores.measures):
        value = styled(row.value, "dim" if row.missing else "bold")
        why = "" if row.parts and row.why in reasons else row.why
        table.add_row(row.title.lower(), value, styled(row.par, "dim"), why)
        for part, amount in row.parts:
            table.add_row(styled(f"  {part}", "dim"), styled(amount, "dim"), "", "")
    return table


def _faults(times: list[FaultTimes]) -> Table:
    """The times of several faults, without that of the removal, which is among the marks."""
    table = simple_table()
    for name in COLUMNS:
        if name != CAUSE_REMOVED:
            table.add_column(name)
    for row in times:
        cells = zip(COLUMNS, row, strict=True)
        table.add_row(*(styled(cell, "" if cell.startswith("T+") or name == "fault" else "dim")
                        for name, cell in cells if name != CAUSE_REMOVED))  # fmt: skip
    return table


def _marks(scores: Scores) -> Table:
    """The marks of one or more incidents."""
    table = simple_table()
    table.add_column("mark")
    for incident in scores.incidents:
        table.add_column(incident.id, justify="right", no_wrap=True)
    for name in dict(scores.incidents[0].marks.items()):
        times = [incident.marks[name] for incident in scores.incidents]
        cells = [styled("–", "dim") if t is None else styled(f"T+{hhmmss(t)}") for t in times]
        table.add_row(name.replace("_", " "), *cells)
    return table


def _print_ladders(ladders: list[PageLadder], console: Console) -> None:
    """Print the levels of the policy for each page."""
    from rich.table import Table

    for ladder in ladders:
        print_trimmed(console, styled(f"{ladder.title}, T+{ladder.at}"))
        table = Table.grid(padding=(0, 2))
        table.add_column(width=0)
        table.add_column(max_width=max(12, console.width // 3))
        table.add_column(overflow="fold", ratio=1)
        for step in ladder.steps:
            style = STEP_STYLES[step.tone]
            table.add_row("", styled(step.level, "dim"), styled(step.text, style))
        print_trimmed(console, table)
        console.print()


def _print_worth(timeline: Timeline, worth: Worth, console: Console) -> None:
    """Print what the run and each order were worth."""
    for sentence in worth_sentences(timeline, worth):
        print_trimmed(console, styled(sentence))
    for worth_table in worth_tables(timeline, worth):
        console.print()
        table = simple_table()
        table.add_column(worth_table.title)
        table.add_column(worth_table.note)
        for line in worth_table.lines:
            name = styled(f"{line.at}   " if line.at else "", "dim") + styled(line.name)
            table.add_row(name, styled(line.words, WORTH_STYLES[line.tone]))
        print_trimmed(console, table)
