"""The story of a run in the terminal; `terminal_scorecard` prints its grade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.analysis import Timeline
from simulator.report.console import make_console, print_trimmed, styled
from simulator.report.entry import StoryEntry
from simulator.report.phrases import format_players
from simulator.report.story import story
from simulator.run import Header
from simulator.units.wording import hhmmss

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

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
            f"T+{hhmmss(entry.t)}", _who(entry), styled(entry.counted_text, TONES[entry.tone])
        )
    print_trimmed(console, table)
    if left_out:
        console.print(
            f"            and {left_out} less important entries in log.jsonl", style="dim"
        )


def _title(header: Header) -> RenderableType:
    title = styled(header.title, "bold")
    facts = [header.scenario, f"seed {header.seed}", format_players(header)]
    return title + styled("\n" + " · ".join(facts), "dim")


def _who(entry: StoryEntry) -> RenderableType:
    return styled(entry.who, "dim" if entry.tone in {"phase", "log"} else "")
