"""The figure of what a hand-off is worth: a row of dots for each, a dot a seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from simulator.report.png import save_shapes
from simulator.report.shapes import Box, Frame, Shape, Symbol, Words, centred, segment
from simulator.units.wording import format_count
from tests.small.hand_offs import Outcome

WIDTH, LEFT, RIGHT, TOP, ROW = 620.0, 108.0, 84.0, 52.0, 52.0
# The right facts save time, a wrong suspect costs some.
INKS = ("good", "run", "bad")
STEP = 10  # minutes between grid lines
# Positions within a row, so that equal times do not hide each other.
STAGGER = (0.0, -7.0, 7.0, -3.5, 3.5)


def save_figure(outcomes: Mapping[str, Sequence[Outcome]], path: Path) -> None:
    """Save the figure of outcomes by what the owner is told."""
    height = TOP + ROW * len(outcomes) + 40
    longest = max(run.minutes for runs in outcomes.values() for run in runs)
    end = STEP * (int(longest / STEP) + 1)
    save_shapes([*_axis(end, len(outcomes)), *_rows(outcomes, end)], WIDTH, height, path, dpi=130)


def _x(minutes: float, end: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * minutes / end


def _axis(end: int, rows: int) -> Iterator[Shape]:
    bottom = TOP + ROW * rows
    title = "Time to mitigate, by what the page to the owner states"
    yield Words(LEFT, 20, title, "ink", 11, bold=True)
    yield Words(LEFT, 36, "the same fault, people and seeds in every row", "muted", 9)
    for minutes in range(0, end + 1, STEP):
        x = _x(minutes, end)
        yield segment((x, x), (TOP, bottom), "rule", 0.8)
        yield Words(x, bottom + 14, str(minutes), "muted", 9, anchor="middle")
    middle = _x(end / 2, end)
    yield Words(middle, bottom + 29, "minutes, one dot a seed", "muted", 9, anchor="middle")


def _rows(outcomes: Mapping[str, Sequence[Outcome]], end: int) -> Iterator[Shape]:
    for row, ((name, runs), ink) in enumerate(zip(outcomes.items(), INKS, strict=True)):
        y = TOP + ROW * (row + 0.5)
        yield Words(LEFT - 10, centred(y, 10), name, "ink", 10, anchor="end")
        for number, run in enumerate(sorted(runs)):
            x, lift = _x(run.minutes, end), STAGGER[number % len(STAGGER)]
            yield Symbol(x, y + lift, "o", ink, "paper")
        x = _x(middle := median(run.minutes for run in runs), end)
        yield Box(Frame(x - 1, y - 16, 2, 32), "ink")
        yield Words(x + 5, y - 13, f"median {middle:.0f}", "ink", 9, bold=True)
        looks = format_count(median(len(run.looks) for run in runs), "looks")
        yield Words(WIDTH - RIGHT + 14, centred(y, 10), looks, "ink", 10)
