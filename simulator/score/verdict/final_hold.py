"""Rule: every objective holds at the end for at least the hold."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.analysis.truth import Objective, final_hold_start
from simulator.scenario.rubric import Rubric
from simulator.score.verdict.breach_wording import breach_lines, format_breach
from simulator.score.verdict.reason import VerdictReason
from simulator.units.wording import format_duration, hhmm


def final_hold(log: Timeline, rubric: Rubric) -> Iterator[VerdictReason]:
    """An objective that did not hold at the end fails."""
    truth = log.truth
    if not len(truth.times):
        if truth.objectives and log.complete:
            yield VerdictReason("no objective was ever measured", "final_hold")
        return
    for objective in truth.objectives:
        inside = truth.inside[objective.name]
        if final_hold_start(truth.times, inside, log.end, log.header.hold) is None:
            text = f"{objective.name} was {_end_of(log, objective)}"
            yield VerdictReason(text, "final_hold", breach_lines(log, objective, log.end))


def _end_of(log: Timeline, objective: Objective) -> str:
    """'back inside for only 5 min at the end; it has to hold for 10 min'."""
    times, inside = log.truth.times, log.truth.inside[objective.name]
    if inside[-1]:
        # Inside again from the scrape after the last breach.
        back = int(times[int((~inside).nonzero()[0][-1]) + 1]) if (~inside).any() else times[0]
        held, hold = format_duration(log.end - back), format_duration(log.header.hold)
        return f"back inside for only {held} at the end; it has to hold for {hold}"
    times_inside = times[inside]
    since = times[times > times_inside[-1]][0] if len(times_inside) else times[0]
    last = float(log.truth.values[objective.name][-1])
    return f"{format_breach(objective, last, ' at the end')}, since {hhmm(int(since))}"
