"""The terminal that reports are printed on: in colour, or piped, as plain text of a fixed width."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

PIPED_WIDTH = 110


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


def print_trimmed(console: Console, content: RenderableType) -> None:
    """Print a table or a text; without trailing blanks if not on a terminal."""
    if console.is_terminal:
        console.print(content)
        return
    with console.capture() as captured:
        console.print(content)
    for line in captured.get().splitlines():
        console.file.write(line.rstrip() + "\n")


def styled(text: str, style: str = "") -> Text:
    """A text that rich reads no markup in."""
    from rich.text import Text

    return Text(text, style)


def simple_table() -> Table:
    """A table with a line below its head."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
