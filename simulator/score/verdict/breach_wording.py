"""A breach in words, and the lines of the log that show it."""

import math

from simulator.analysis import Timeline
from simulator.analysis.need_record import line_numbers
from simulator.analysis.truth import Objective
from simulator.run.events import ObjectiveEvent
from simulator.units.wording import format_amount, format_beside_limit


def format_breach(objective: Objective, value: float, when: str = "") -> str:
    """A value outside its limit.

    Examples
    --------
    >>> format_breach(Objective("accuracy", low=0.84), 0.713, " at the end")
    '.713 at the end, below .84'
    """
    limit = format_amount(objective.limit, objective.unit)
    if math.isnan(value):
        return f"undefined{when} (no requests were served to measure it by)"
    side = "below" if value < objective.low else "above"
    return f"{format_beside_limit(value, objective.limit, objective.unit)}{when}, {side} {limit}"


def breach_lines(log: Timeline, objective: Objective, t: int) -> tuple[int, ...]:
    """The line of the breach of an objective that stood at a time, ms."""
    breaches = (
        event
        for event in log.run.of(ObjectiveEvent)
        if (event.name, event.state) == (objective.name, "breached") and event.t <= t
    )
    return line_numbers(log.run, [*breaches][-1:])
