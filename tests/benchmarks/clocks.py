"""Clocks: how long a piece of work takes, and what to make of the figures.

Processor time leaves out what other processes take of a shared machine; wall time is what
somebody waits. Both are medians, and what is compared takes turns in the same run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Took(NamedTuple):
    """Seconds."""

    processor: float
    wall: float


def clock(work: Callable[[], object]) -> Took:
    """How long one call takes."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Took(time.process_time() - processor, time.perf_counter() - wall)


def median(many: Sequence[Took]) -> Took:
    """The middle of each clock."""
    return Took(*(statistics.median(times) for times in zip(*many, strict=True)))


def in_turn(work: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, list[Took]]:
    """Clock pieces of work round by round, so that a slow minute of the machine hits all."""
    took: dict[str, list[Took]] = {name: [] for name in work}
    for _ in range(repeats):
        for name, item in work.items():
            took[name].append(clock(item))
    return took


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: the first column to the left, figures to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    print(f"\n{title}")
    for line in lines:
        cells = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        print("  ".join([line[0].ljust(widths[0]), *cells]))
