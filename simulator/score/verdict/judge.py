"""Judging a run by the rules of the verdict."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from simulator.analysis import Timeline
from simulator.analysis.page_history import PageHistory
from simulator.analysis.truth import Objective, final_hold_start
from simulator.run.events import (
    DroppedEvent,
    InterruptedEvent,
    MissedEvent,
    OrderEvent,
)
from simulator.scenario.rubric import Limits, Rubric
from simulator.score.endings import self_ended_at
from simulator.score.troubles import responder_troubles
from simulator.score.verdict.reason import VerdictReason
from simulator.units.wording import (
    format_amount,
    format_beside_limit,
    format_duration,
    hhmm,
    join_words,
)

Verdict = Literal["pass", "fail", "invalid"]


def judge(timeline: Timeline, rubric: Rubric) -> tuple[Verdict, list[VerdictReason]]:
    """The verdict of a run and its reasons, by the marks that follow from the log alone.

    Returns
    -------
    verdict : str
        `pass`, `fail` or `invalid`.
    why : list of VerdictReason
        Never empty.
    """
    log = timeline.without_twins
    invalid = list(_invalid(log))
    if invalid:
        return "invalid", _reasons("steady_state", invalid)
    rules: Mapping[str, Iterator[str]] = {
        "interrupted": _interrupted(log),
        "responder": responder_troubles(log.run),
        "final_hold": _objectives(log),
        "expectations": _expectations(log),
        "unanswered_pages": _unacknowledged(log, rubric.time.acknowledge),
    }
    failed = [r for name, sentences in rules.items() for r in _reasons(name, sentences)]
    if failed:
        return "fail", failed
    return "pass", _reasons("passes", [_why_passed(log)])


def _reasons(rule: str, sentences: Iterable[str]) -> list[VerdictReason]:
    return [VerdictReason(sentence, rule) for sentence in sentences]


def _invalid(log: Timeline) -> Iterator[str]:
    faults, incidents = log.header.faults, log.incidents
    planned = [fault.at for fault in faults if fault.at is not None]
    onsets = [i.marks.onset for i in incidents if i.marks.onset is not None] or planned
    # A breach after a player's first change may be the player's doing, not the drill's.
    until = min([*onsets, _first_change(log)])
    breach = log.truth.first_breach(log.header.warm_up, until)
    if breach:
        yield (
            f"the steady state did not hold: {breach.objective.name} was "
            f"{_value_and_limit(breach.objective, breach.value)} at {hhmm(breach.t)}, "
            "before any fault began"
        )
    if not log.complete:
        return
    begun = {incident.id: incident for incident in incidents}
    dropped = {event.id for event in log.run.of(DroppedEvent)}
    for fault in faults:
        incident = begun.get(fault.id)
        if incident is None:
            if fault.id not in dropped:
                yield f"the fault {fault.id} was never injected"
        elif incident.marks.landed is None:
            missed = [e for e in log.run.of(MissedEvent) if e.fault == fault.id]
            why = missed[-1].why if missed else "it affected no unit of work"
            yield f"the fault {fault.id} never landed: {why}"


def _first_change(log: Timeline) -> int:
    """When any player first ordered a change of the pipeline, ms, else the end; talk is none."""
    kinds = log.header.actions
    changes = (
        order.t
        for order in log.run.of(OrderEvent)
        if not order.simulated
        and (order.action not in kinds or kinds[order.action].effect == "world")
    )
    return next(changes, log.end)


def _interrupted(log: Timeline) -> Iterator[str]:
    if log.complete:
        return
    reasons = [e.reason for e in log.run.of(InterruptedEvent) if e.reason not in ("", e.kind)]
    yield ": ".join([f"the drill was interrupted at {hhmm(log.end)}", *reasons])


def _objectives(log: Timeline) -> Iterator[str]:
    """The objectives that did not hold at the end for at least the hold."""
    truth, until, hold = log.truth, log.end, log.header.hold
    times = truth.times
    if not len(times):
        if truth.objectives and log.complete:
            yield "no objective was ever measured"
        return
    for objective in truth.objectives:
        values, inside = truth.values[objective.name], truth.inside[objective.name]
        if final_hold_start(times, inside, until, hold) is not None:
            continue
        if inside[-1]:
            # Inside again from the scrape after the last breach.
            back = int(times[int((~inside).nonzero()[0][-1]) + 1]) if (~inside).any() else times[0]
            yield (
                f"{objective.name} was back inside for only {format_duration(until - back)} "
                f"at the end; it has to hold for {format_duration(hold)}"
            )
            continue
        times_inside = times[inside]
        since = times[times > times_inside[-1]][0] if len(times_inside) else times[0]
        value = _value_and_limit(objective, float(values[-1]), " at the end")
        yield f"{objective.name} was {value}, since {hhmm(int(since))}"


def _value_and_limit(objective: Objective, value: float, when: str = "") -> str:
    """'.713 at the end, below .84'."""
    limit = format_amount(objective.limit, objective.unit)
    if math.isnan(value):
        return f"undefined{when} (no requests were served to measure it by)"
    side = "below" if value < objective.low else "above"
    return f"{format_beside_limit(value, objective.limit, objective.unit)}{when}, {side} {limit}"


def _expectations(log: Timeline) -> Iterator[str]:
    """The limits of the scenario's `expect` that were not met."""
    expect = log.header.expect
    for mark, limit in (
        ("mitigate", expect.mitigate_within),
        ("acknowledge", expect.acknowledge_within),
        ("recover", expect.recover_within),
    ):
        if limit is not None:
            yield from _late(log, mark, limit)
    paged = {page.team for page in log.page_histories if page.first_in("sent") is not None}
    for team in expect.must_page:
        if team not in paged:
            yield f"{team} was never paged, which this drill requires"
    for forbidden in expect.must_not:
        yield from _forbidden(log, forbidden)
    yield from _over_budget(log, expect.budget)


def _late(log: Timeline, mark: str, limit: int) -> Iterator[str]:
    """The incidents whose mark came too late, counted from the first breach after the onset."""
    for incident in log.incidents:
        onset = incident.marks.onset or 0
        breach = log.truth.first_breach(onset)
        if breach is None and mark in {"mitigate", "recover"}:
            continue
        start = breach.t if breach else onset
        at, subject = incident.marks[mark], f"{mark} of {incident.id}"
        if at is not None and at - start > limit:
            took = format_duration(at - start)
            yield f"{subject} took {took}, longer than {format_duration(limit)}"
        elif at is None and mark != "mitigate" and log.end - start > limit:
            yield f"{subject} did not happen within {format_duration(limit)}"


def _forbidden(log: Timeline, action: str) -> Iterator[str]:
    times = [
        order.done
        for order in log.graded_orders
        if order.action == action and order.state in {"done", "unknown"} and order.done is not None
    ]
    if times:
        yield f"{action} was ordered at {hhmm(min(times))}, which this drill forbids"


def _over_budget(log: Timeline, budgets: Mapping[str, int]) -> Iterator[str]:
    """The objectives that were breached for too long; the warm-up does not count."""
    for name, limit in budgets.items():
        outside = round(1000 * (log.truth.seconds_outside(name) or 0))
        if outside > limit:
            yield (
                f"{name} was breached for {format_duration(outside)} in all, "
                f"longer than {format_duration(limit)}"
            )


def _unacknowledged(log: Timeline, limits: Limits) -> Iterator[str]:
    for page in log.pages_to_played_team:
        if _is_unacknowledged(log, page, limits):
            subject = join_words([*dict.fromkeys(page.first.alerts)][:3]) or page.first.about
            about = f" ({subject})" if subject else ""
            yield f"the page of {hhmm(page.t)}{about} to {page.team} was never acknowledged"
            return


def _is_unacknowledged(log: Timeline, page: PageHistory, limits: Limits) -> bool:
    """Whether a page was tried to deliver and was never acknowledged.

    There has to be time: until the end `limits.good` since somebody of the team saw it, or, where
    all of them slept or were busy, `limits.limit` since it was sent. A page that nobody of them saw
    is no failure either if its alerts were resolved, or if another team of its policy took it: they
    hand it back by another page.
    """
    tried = page.first_in("delivered", "lost", "escalated")
    if tried is None or page.acknowledged is not None:
        return False
    if page.seen is not None:
        return log.end - page.seen >= limits.good
    over = page.first_in("resolved", "acknowledged") is not None
    return not over and log.end - tried >= limits.limit


def _why_passed(log: Timeline) -> str:
    if not bool(log.truth.all_inside.all()):
        mitigated = [i.marks.mitigate for i in log.incidents if i.marks.mitigate is not None]
        if mitigated:
            over = f"every objective was back inside by {hhmm(max(mitigated))} and stayed so"
            return "; ".join([over, *_self_ended(log)])
    answered = " and every page was acknowledged" if log.pages_to_played_team else ""
    return f"every objective held{answered}"


def _self_ended(log: Timeline) -> Iterator[str]:
    """The incidents that no order ended."""
    for incident in log.incidents:
        ended = self_ended_at(log, incident)
        if ended is not None:
            yield f"{incident.id} ended by itself at {hhmm(ended)}"
