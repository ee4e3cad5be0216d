"""Processor and wall time of functions, their medians, and tables.

Processor time excludes other processes of a shared machine; wall time is the time that a user
waits. Both are medians, and compared functions take turns in the same run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Times(NamedTuple):
    """Seconds."""

    processor: float
    wall: float


def time_call(work: Callable[[], object]) -> Times:
    """The time of one call."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Times(time.process_time() - processor, time.perf_counter() - wall)


def median(calls: Sequence[Times]) -> Times:
    """The median of each clock."""
    return Times(*(statistics.median(seconds) for seconds in zip(*calls, strict=True)))


def time_in_turn(work: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, list[Times]]:
    """Time functions round by round, so that a slow minute of the machine hits all."""
    times: dict[str, list[Times]] = {name: [] for name in work}
    for _ in range(repeats):
        for name, function in work.items():
            times[name].append(time_call(function))
    return times


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: the first column aligned left, the others right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    print(f"\n{title}")
    for line in lines:
        cells = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        print("  ".join([line[0].ljust(widths[0]), *cells]))
