"""Tables: with rich on a terminal, plain columns anywhere else."""

import sys
from collections.abc import Sequence

import click


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; the last column is as wide as it needs to be.

    Examples
    --------
    >>> table(("name", "about"), [("leak", "memory goes")])
    name  about
    leak  memory goes
    """
    if sys.stdout.isatty():
        # Rich takes 60 ms to import.
        from rich.console import Console
        from rich.table import Table

        drawn = Table(box=None, header_style="bold", pad_edge=False)
        for name in head:
            drawn.add_column(name, no_wrap=name == head[0])
        for row in rows:
            drawn.add_row(*row)
        Console(highlight=False, markup=False).print(drawn)
        return
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    for row in (head, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())
