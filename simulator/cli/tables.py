"""Tables: with rich on a terminal, plain columns anywhere else."""

import sys
from collections.abc import Sequence

import click


def table(head: Sequence[str], rows: Sequence[Sequence[str]], no_wrap: bool = False) -> None:
    """Print a table.

    Parameters
    ----------
    no_wrap : bool
        Wrap no column; otherwise the first is not wrapped.

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

        rich_table = Table(box=None, header_style="bold", pad_edge=False)
        for name in head:
            rich_table.add_column(name, no_wrap=no_wrap or name == head[0])
        for row in rows:
            rich_table.add_row(*row)
        Console(highlight=False, markup=False).print(rich_table)
        return
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    for row in (head, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())
