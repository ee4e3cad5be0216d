"""Rule: the objectives held by themselves, until a fault began or a player changed anything."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.run.events import ActionEvent, OrderEvent
from simulator.scenario.rubric import Rubric
from simulator.score.verdict.breach_wording import breach_lines, format_breach
from simulator.score.verdict.reason import VerdictReason
from simulator.units.wording import hhmm


def steady_state(log: Timeline, rubric: Rubric) -> Iterator[VerdictReason]:
    """A drill whose objectives did not hold by themselves is invalid."""
    # A breach after a player's first change may be the player's doing, not the drill's.
    until = min(baseline_end(log), first_change(log))
    breach = log.truth.first_breach(log.header.warm_up, until)
    if breach:
        yield VerdictReason(
            f"the steady state did not hold: {breach.objective.name} was "
            f"{format_breach(breach.objective, breach.value)} at {hhmm(breach.t)}, "
            "before any fault began",
            "steady_state",
            breach_lines(log, breach.objective, breach.t),
        )


def baseline_end(log: Timeline) -> int:
    """When the first fault began, or was to begin, ms; the end of a drill without any."""
    onsets = [i.marks.onset for i in log.incidents if i.marks.onset is not None]
    planned = [fault.at for fault in log.header.faults if fault.at is not None]
    return min(onsets or planned, default=log.end)


def first_change(log: Timeline) -> int:
    """When any player first ordered what changed the pipeline, ms, else the end; talk is none."""
    kinds = log.header.actions
    in_vain = {
        (event.who, event.order)
        for event in log.run.of(ActionEvent)
        if event.state == "failed" or not event.changed
    }
    changes = (
        order.t
        for order in log.run.of(OrderEvent)
        if not order.simulated
        and (order.who, order.id) not in in_vain
        and (order.action not in kinds or kinds[order.action].effect == "world")
    )
    return next(changes, log.end)
