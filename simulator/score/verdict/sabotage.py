"""Rule: no order breaks the pipeline before a fault does, or keeps one away by harm."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.analysis.need_record import line_numbers
from simulator.analysis.order_records import OrderRecord
from simulator.analysis.truth import Breach
from simulator.run.events import LandedEvent
from simulator.scenario.rubric import Rubric
from simulator.score.verdict.breach_wording import breach_lines, format_breach
from simulator.score.verdict.landing import missed_events, never_landed
from simulator.score.verdict.reason import VerdictReason
from simulator.score.verdict.steady_state import baseline_end
from simulator.score.verdict.team_changes import team_changes
from simulator.units.wording import hhmm


def sabotage(log: Timeline, rubric: Rubric) -> Iterator[VerdictReason]:
    """A breach that an order made, not a fault, fails; so does a fault that it kept away by harm.

    A job that runs a drill again if it is invalid would never see such an answer.
    """
    order = next(team_changes(log), None)
    if order is None or not log.complete:
        return
    since = max(log.header.warm_up, order.t)
    breach = log.truth.first_breach(since, baseline_end(log))
    if breach is not None:
        then = "before any fault began" if log.onsets else "without any fault"
        yield _reason(log, order, breach, then)
        return
    # Another fault that landed may have done the harm.
    harm = log.truth.first_breach(since, _first_landing(log))
    if harm is not None:
        for fault in never_landed(log):
            missed = line_numbers(log.run, missed_events(log, fault))
            yield _reason(log, order, harm, f"and the fault {fault} never landed", missed)


def _reason(
    log: Timeline, order: OrderRecord, breach: Breach, then: str, lines: tuple[int, ...] = ()
) -> VerdictReason:
    objective = breach.objective
    return VerdictReason(
        f"{objective.name} was {format_breach(objective, breach.value)} at {hhmm(breach.t)}, "
        f"after {order.action} at {hhmm(order.t)}, {then}",
        "sabotage",
        (*order.lines, *breach_lines(log, objective, breach.t), *lines),
    )


def _first_landing(log: Timeline) -> int:
    return min((event.t for event in log.run.of(LandedEvent)), default=log.end + 1)
