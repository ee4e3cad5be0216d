"""The verdict: passed, failed or invalid, and one clear sentence for each reason.

It follows from the log alone: no twin is needed to refuse a run, and none can change a verdict.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.analysis.attribution import alert_identity
from simulator.analysis.graded import first_change, not_graded
from simulator.analysis.marks import Incident, expected_faults, incidents
from simulator.analysis.page_history import first_unacknowledged, pages
from simulator.analysis.truth import (
    Objective,
    all_objectives_held,
    end_of,
    final_hold_start,
    first_breach,
    objectives,
    true_values,
)
from simulator.run import Run
from simulator.run.events import ActionEvent, DroppedEvent, InterruptedEvent, MissedEvent, PageEvent
from simulator.scenario.rubric import Rubric
from simulator.score.endings import self_ended_at
from simulator.score.troubles import responder_troubles
from simulator.units.wording import (
    format_amount,
    format_beside_limit,
    format_duration,
    hhmm,
    join_words,
)


def judge(run: Run, rubric: Rubric) -> tuple[str, list[str]]:
    """The verdict of a run and its reasons, by the marks that follow from the log alone.

    Returns
    -------
    verdict : str
        `pass`, `fail` or `invalid`.
    why : list of str
        A sentence each; never empty.
    """
    graded = incidents(run, twins={})
    invalid = list(_invalid(run, graded))
    if invalid:
        return "invalid", invalid
    failed = [
        *_interrupted(run),
        *responder_troubles(run),
        *_objectives(run),
        *_expectations(run, graded),
        *_unacknowledged(run, rubric),
    ]
    if failed:
        return "fail", failed
    return "pass", [_why_passed(run, graded)]


def _invalid(run: Run, incidents: Sequence[Incident]) -> Iterator[str]:
    planned = [fault.at for fault in expected_faults(run) if fault.at is not None]
    onsets = [i.marks.onset for i in incidents if i.marks.onset is not None] or planned
    # A breach after the player's first change may be the player's doing, not the drill's.
    changed = first_change(run)
    until = min([*onsets, end_of(run) if changed is None else changed])
    breach = first_breach(run, run.header.warm_up, until)
    if breach:
        at, objective, value = breach
        yield (
            f"the steady state did not hold: {objective.name} was "
            f"{_value_and_limit(objective, value)} at {hhmm(at)}, before any fault began"
        )
    if not run.complete:
        return
    begun = {incident.id: incident for incident in incidents}
    dropped = {event.id for event in run.of(DroppedEvent)}
    for fault in expected_faults(run):
        incident = begun.get(fault.id)
        if incident is None:
            if fault.id not in dropped:
                yield f"the fault {fault.id} was never injected"
        elif incident.marks.landed is None:
            missed = [e for e in run.of(MissedEvent) if e.fault == fault.id]
            why = missed[-1].why if missed else "it affected no unit of work"
            yield f"the fault {fault.id} never landed: {why}"


def _interrupted(run: Run) -> Iterator[str]:
    if run.complete:
        return
    reason = next((str(event.reason) for event in run.of(InterruptedEvent)), "")
    yield f"the drill was interrupted at {hhmm(end_of(run))}" + (f": {reason}" if reason else "")


def _objectives(run: Run) -> Iterator[str]:
    """The objectives that did not hold at the end for at least the hold."""
    times, until, hold = run.truth_times, end_of(run), run.header.hold
    if not len(times):
        if objectives(run) and run.complete:
            yield "no objective was ever measured"
        return
    for objective in objectives(run):
        values = true_values(run, objective.name)
        inside = objective.holds(values)
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


def _expectations(run: Run, incidents: Sequence[Incident]) -> Iterator[str]:
    """The limits of the scenario's `expect` that were not met."""
    expect = run.header.expect
    for mark, limit in (
        ("mitigate", expect.mitigate_within),
        ("acknowledge", expect.acknowledge_within),
        ("recover", expect.recover_within),
    ):
        if limit is not None:
            yield from _late(run, incidents, mark, limit)
    for team in expect.must_page:
        sent = (e for e in run.of(PageEvent) if e.who == team and e.state == "sent")
        if not any(sent):
            yield f"{team} was never paged, which this drill requires"
    for forbidden in expect.must_not:
        yield from _forbidden(run, forbidden)
    yield from _over_budget(run, expect.budget)


def _late(run: Run, incidents: Sequence[Incident], mark: str, limit: int) -> Iterator[str]:
    """The incidents whose mark came too late, counted from the first breach after the onset."""
    for incident in incidents:
        marks, onset = dict(incident.marks.items()), incident.marks.onset or 0
        if mark not in marks:
            continue
        breach = first_breach(run, onset, end_of(run) + 1)
        if breach is None and mark in {"mitigate", "recover"}:
            continue
        start = breach[0] if breach else onset
        at, subject = marks[mark], f"{mark} of {incident.id}"
        if at is not None and at - start > limit:
            took = format_duration(at - start)
            yield f"{subject} took {took}, longer than {format_duration(limit)}"
        elif at is None and mark != "mitigate" and end_of(run) - start > limit:
            yield f"{subject} did not happen within {format_duration(limit)}"


def _forbidden(run: Run, kind: str) -> Iterator[str]:
    others = not_graded(run)
    for event in run.of(ActionEvent):
        if event.who in others or event.action != kind:
            continue
        if event.state in {"done", "unknown"}:
            yield f"{kind} was ordered at {hhmm(event.t)}, which this drill forbids"
            return


def _over_budget(run: Run, budgets: Mapping[str, int]) -> Iterator[str]:
    """The objectives that were breached for too long; the warm-up does not count."""
    warm = int(run.truth_times.searchsorted(run.header.warm_up))
    for name, limit in budgets.items():
        burnt = run.truth.get(f"burnt:{name}")
        if burnt is None or len(burnt) <= warm:
            continue
        before = float(burnt[warm - 1]) if warm else 0.0
        outside = 1000 * (float(burnt[-1]) - before)
        if outside > limit:
            yield (
                f"{name} was breached for {format_duration(round(outside))} in all, "
                f"longer than {format_duration(int(limit))}"
            )


def _unacknowledged(run: Run, rubric: Rubric) -> Iterator[str]:
    page = first_unacknowledged(run, end_of(run), rubric.time.acknowledge.good)
    if page is not None:
        subject = _subject(page)
        about = f" ({subject})" if subject else ""
        yield f"the page of {hhmm(page.t)}{about} to {page.who} was never acknowledged"


def _subject(page: PageEvent) -> str:
    names = (alert_identity(alert).name for alert in page.alerts)
    return join_words([*dict.fromkeys(name for name in names if name)][:3]) or page.about


def _why_passed(run: Run, incidents: Sequence[Incident]) -> str:
    if not bool(all_objectives_held(run).all()):
        mitigated = [i.marks.mitigate for i in incidents if i.marks.mitigate is not None]
        if mitigated:
            over = f"every objective was back inside by {hhmm(max(mitigated))} and stayed so"
            return "; ".join([over, *_self_ended(run, incidents)])
    answered = " and every page was acknowledged" if pages(run) else ""
    return f"every objective held{answered}"


def _self_ended(run: Run, incidents: Sequence[Incident]) -> Iterator[str]:
    """The incidents that no order ended."""
    for incident in incidents:
        ended = self_ended_at(run, incident)
        if ended is not None:
            yield f"{incident.id} ended by itself at {hhmm(ended)}"


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [{key: item} for key, item in value.items()]
    return list(value) if isinstance(value, list | tuple) else [value]
