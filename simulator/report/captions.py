"""The caption above a plot: its title, its note and the names of its lines, in rows."""

from collections.abc import Sequence
from typing import NamedTuple

# The width of an average letter over its size, for DejaVu, which is wider than the fonts of pages.
LETTER, BOLD_LETTER = 0.58, 0.66
ROW, GAP = 0.14, 0.11  # inches


class Label(NamedTuple):
    """A text in one colour."""

    text: str
    ink: str
    size: float = 7.0
    bold: bool = False

    @property
    def inches(self) -> float:
        """An upper bound of its width."""
        return len(self.text) * (BOLD_LETTER if self.bold else LETTER) * self.size / 72


Rows = list[list[tuple[float, Label]]]


def caption(title: str, note: str, lines: Sequence[str], inches: float) -> Rows:
    """The labels above a plot of a width in inches, each with the position of its left edge.

    Examples
    --------
    >>> [[label.text for _, label in row] for row in caption("psi", "", ["carrier", "origin"], 4.0)]
    [['psi', '— carrier', '— origin']]
    >>> [[label.text for _, label in row] for row in caption("psi", "", ["carrier", "origin"], 0.8)]
    [['psi'], ['— carrier'], ['— origin']]
    """
    labels = [Label(title, "ink", 8.0, bold=True)]
    labels += [Label(note, "muted")] if note else []
    # A line without distinguishing labels needs no name.
    labels += [Label(f"— {line}", f"s{n}") for n, line in enumerate(lines, 1) if line]
    rows: Rows = [[]]
    x = 0.0
    for label in labels:
        if rows[-1] and x + label.inches > inches:
            rows.append([])
            x = 0.0
        rows[-1].append((x, label))
        x += label.inches + GAP
    return rows
