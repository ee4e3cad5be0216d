"""What stands above a plot: its name, what it is in and the names of its lines, in rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from simulator.report.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The widths of an average letter, over its size: of DejaVu, wider than what pages are set in.
LETTER, BOLD_LETTER = 0.58, 0.66
ROW, GAP = 0.14, 0.11  # inches


class Word(NamedTuple):
    """Something written in one colour."""

    text: str
    ink: str
    size: float = 7.0
    bold: bool = False

    @property
    def inches(self) -> float:
        """How wide it is at most."""
        return len(self.text) * (BOLD_LETTER if self.bold else LETTER) * self.size / 72


Rows = list[list[tuple[float, Word]]]


def caption(name: str, note: str, lines: Sequence[str], inches: float) -> Rows:
    """The words above a plot that is so many inches wide, each with where it begins, inches.

    Examples
    --------
    >>> [[word.text for _, word in row] for row in caption("psi", "", ["carrier", "origin"], 4.0)]
    [['psi', '— carrier', '— origin']]
    >>> [[word.text for _, word in row] for row in caption("psi", "", ["carrier", "origin"], 0.8)]
    [['psi'], ['— carrier'], ['— origin']]
    """
    words = [Word(name, "ink", 8.0, bold=True)]
    words += [Word(note, "muted")] if note else []
    # A line whose labels tell nothing apart needs no name.
    words += [Word(f"— {line}", f"s{n}") for n, line in enumerate(lines, 1) if line]
    rows: Rows = [[]]
    x = 0.0
    for word in words:
        if rows[-1] and x + word.inches > inches:
            rows.append([])
            x = 0.0
        rows[-1].append((x, word))
        x += word.inches + GAP
    return rows


def write(ax: Axes, rows: Rows) -> None:
    """Write a caption above a plot, its last row nearest."""
    for number, row in enumerate(reversed(rows)):
        for x, word in row:
            ax.annotate(word.text, (0, 1), xycoords="axes fraction",
                        xytext=(72 * x, 4 + 72 * ROW * number), textcoords="offset points",
                        fontsize=word.size, fontweight="bold" if word.bold else "normal",
                        color=INK[word.ink], annotation_clip=False)  # fmt: skip
