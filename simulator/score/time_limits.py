"""The time limits of an incident: the rubric's, else by the reference and nobody's run."""

from simulator.analysis import Timeline
from simulator.analysis.marks import Incident
from simulator.scenario.rubric import Times
from simulator.score.utility import TimeLimits

# Where the reference never got there, full marks end at this share of the limit.
GOOD_SHARE = 1 / 12


def stated_limits(times: Times, mark: str) -> TimeLimits | None:
    """The limits that a rubric states for a mark; None if it states none."""
    limits = getattr(times, mark)
    return None if limits is None else TimeLimits(limits.good, limits.limit)


def derived_limits(
    mark: str, incident: Incident, reference: Timeline | None, nobody: Timeline
) -> TimeLimits:
    """Limits from the first harm: up to the reference's time, until nobody's budget is spent.

    Parameters
    ----------
    mark : str
        detect, diagnose, mitigate or recover.
    """
    impact = impact_of(nobody, incident.id)
    start = impact if impact is not None else incident.marks.onset or 0
    limit = budget_spent_at(nobody, start) - start
    par = None if reference is None else time_from_impact(reference, incident.id, mark)
    if mark == "diagnose" and reference is not None:
        par = _time_to_diagnose(reference, incident.id, start)
    return TimeLimits.of(limit * GOOD_SHARE if par is None else par, limit)


def time_from_impact(timeline: Timeline, incident: str, mark: str) -> int | None:
    """The time from an incident's first harm to a mark, ms; None if either never came.

    A mark before the harm gives 0, and so does harm that was prevented.
    """
    marks = next((i.marks for i in timeline.incidents if i.id == incident), None)
    if marks is None:
        return None
    if marks.impact is None:
        prevented = mark in {"mitigate", "recover"} or marks[mark] is not None
        return 0 if prevented else None
    at = marks[mark]
    return None if at is None else max(0, at - marks.impact)


def _time_to_diagnose(timeline: Timeline, incident: str, start: int) -> int | None:
    """The time to an incident's diagnosis, ms, from `start` where it does no harm."""
    marks = next((i.marks for i in timeline.incidents if i.id == incident), None)
    if marks is None or marks.diagnose is None:
        return None
    return max(0, marks.diagnose - (start if marks.impact is None else marks.impact))


def budget_spent_at(timeline: Timeline, start: int) -> int:
    """When a run had spent the budget of an objective, ms; the end of the drill if it never did.

    Counted from a moment on: the harm before it is another incident's.
    """
    times = [
        spent
        for name in timeline.header.objectives
        if (spent := timeline.truth.budget_spent_at(name, objective_budget(timeline, name), start))
        is not None
    ]
    return min([*times, timeline.end])


def objective_budget(timeline: Timeline, name: str) -> int:
    """How long an objective may be outside, ms; by default a tenth of the drill."""
    header = timeline.header
    budget = header.objectives[name].budget
    return header.duration // 10 if budget is None else budget


def impact_of(timeline: Timeline, incident: str) -> int | None:
    """When an incident, by its id, first did harm in a run, ms; None if it never did."""
    return next((i.marks.impact for i in timeline.incidents if i.id == incident), None)
