"""Rule: a breach before any fault began, and before any player changed anything."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.run.events import OrderEvent
from simulator.scenario.rubric import Rubric
from simulator.score.verdict.breach_wording import breach_lines, format_breach
from simulator.score.verdict.reason import VerdictReason
from simulator.units.wording import hhmm


def steady_state(log: Timeline, rubric: Rubric) -> Iterator[VerdictReason]:
    """A drill whose objectives did not hold by themselves is invalid."""
    planned = [fault.at for fault in log.header.faults if fault.at is not None]
    onsets = [i.marks.onset for i in log.incidents if i.marks.onset is not None] or planned
    # A breach after a player's first change may be the player's doing, not the drill's.
    until = min([*onsets, first_change(log)])
    breach = log.truth.first_breach(log.header.warm_up, until)
    if breach:
        yield VerdictReason(
            f"the steady state did not hold: {breach.objective.name} was "
            f"{format_breach(breach.objective, breach.value)} at {hhmm(breach.t)}, "
            "before any fault began",
            "steady_state",
            breach_lines(log, breach.objective, breach.t),
        )


def first_change(log: Timeline) -> int:
    """When any player first ordered a change of the pipeline, ms, else the end; talk is none."""
    kinds = log.header.actions
    changes = (
        order.t
        for order in log.run.of(OrderEvent)
        if not order.simulated
        and (order.action not in kinds or kinds[order.action].effect == "world")
    )
    return next(changes, log.end)
