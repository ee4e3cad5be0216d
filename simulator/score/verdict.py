"""Passed, failed or invalid, and one clear sentence for each reason.

It is judged from the log alone: no twin is needed to refuse a run, and none can change a verdict.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.run import Event, Run
from simulator.scenario.rubric import Rubric
from simulator.score.endings import ended_by_itself
from simulator.score.marks import Incident, expected_faults, incidents
from simulator.score.paging import pages, unanswered
from simulator.score.players import NOT_PLAYERS, action_of, args_of, first_change, other_teams
from simulator.score.truth import (
    Objective,
    end_of,
    final_stretch,
    first_breach,
    held,
    objectives,
    values_of,
)
from simulator.units.wording import (
    format_amount,
    format_beside_limit,
    format_duration,
    hhmm,
    join_words,
)


def judge(run: Run, rubric: Rubric) -> tuple[str, list[str]]:
    """The verdict of a run and why it fell, by the marks that its log alone tells.

    Returns
    -------
    verdict : str
        `pass`, `fail` or `invalid`.
    why : list of str
        A sentence each; never empty.
    """
    found = incidents(run, twins={})
    invalid = list(_invalid(run, found))
    if invalid:
        return "invalid", invalid
    failed = [
        *_unfinished(run),
        *_objectives(run),
        *_limits(run, found),
        *_unanswered(run, rubric),
    ]
    if failed:
        return "fail", failed
    return "pass", [_praise(run, found)]


def _invalid(run: Run, incidents: Sequence[Incident]) -> Iterator[str]:
    header = run.header
    planned = [int(fault["at"]) for fault in expected_faults(run) if fault.get("at") is not None]
    onsets = [i.marks.onset for i in incidents if i.marks.onset is not None] or planned
    # What somebody's order brings about is no fault of the drill's, where none has begun yet.
    ends = [*onsets, end_of(run) if (acted := first_change(run)) is None else acted]
    start, until = int(header.get("warm_up", 0)), min(ends)
    breach = first_breach(run, start, until)
    if breach:
        at, objective, value = breach
        yield (
            f"the steady state did not hold: {objective.name} was {_against(objective, value)} "
            f"at {hhmm(at)}, before any fault began"
        )
    if not run.complete:
        return
    seen = {incident.id: incident for incident in incidents}
    for fault in expected_faults(run):
        found = seen.get(str(fault["id"]))
        if found is None:
            yield f"the fault {fault['id']} was never injected"
        elif found.marks.landed is None:
            missed = [e for e in run.of("missed") if e.data.get("fault") == fault["id"]]
            why = str(missed[-1].data["why"]) if missed else "no unit of work met it"
            yield f"the fault {fault['id']} never landed: {why}"


def _unfinished(run: Run) -> Iterator[str]:
    if run.complete:
        return
    reason = next((str(event.data.get("reason", "")) for event in run.of("interrupted")), "")
    yield f"the drill was interrupted at {hhmm(end_of(run))}" + (f": {reason}" if reason else "")


def _objectives(run: Run) -> Iterator[str]:
    """What did not hold at the end for at least the hold; of a cut-off run, at what was its end."""
    times, until, hold = run.truth_times, end_of(run), int(run.header.get("hold", 0))
    if not len(times):
        if objectives(run) and run.complete:
            yield "no objective was ever measured"
        return
    for objective in objectives(run):
        values = values_of(run, objective.name)
        inside = objective.holds(values)
        if final_stretch(times, inside, until, hold) is not None:
            continue
        if inside[-1]:
            # Inside again from the scrape after the last breach.
            back = int(times[int((~inside).nonzero()[0][-1]) + 1]) if (~inside).any() else times[0]
            inside_for = format_duration(until - back)
            yield (
                f"{objective.name} was back inside for only {inside_for} at the end; "
                f"it has to hold for {format_duration(hold)}"
            )
            continue
        inside_before = times[inside]
        since = times[times > inside_before[-1]][0] if len(inside_before) else times[0]
        yield (
            f"{objective.name} was {_against(objective, float(values[-1]), ' at the end')}, "
            f"since {hhmm(int(since))}"
        )


def _against(objective: Objective, value: float, when: str = "") -> str:
    """'.713 at the end, below .84'."""
    limit = format_amount(objective.limit, objective.unit)
    if math.isnan(value):
        return f"undefined{when} (nothing was served to judge it by)"
    side = "below" if value < objective.low else "above"
    return f"{format_beside_limit(value, objective.limit, objective.unit)}{when}, {side} {limit}"


def _limits(run: Run, incidents: Sequence[Incident]) -> Iterator[str]:
    expect: Mapping[str, Any] = run.header.get("expect") or {}
    for name, limit in expect.items():
        mark = name.removesuffix("_within")
        if mark != name and limit is not None:
            yield from _late(run, incidents, mark, int(limit))
    for team in _several(expect.get("must_page")):
        asked = (e for e in run.of("page") if e.who == team and e.data.get("state") == "sent")
        if not any(asked):
            yield f"{team} was never paged, and had to be"
    for forbidden in _several(expect.get("must_not")):
        yield from _forbidden(run, forbidden)
    yield from _budget(run, expect.get("budget"))


def _late(run: Run, incidents: Sequence[Incident], mark: str, limit: int) -> Iterator[str]:
    """Whether a mark came later than it may, counted from the first breach after the onset."""
    for incident in incidents:
        marks, onset = dict(incident.marks.items()), incident.marks.onset or 0
        if mark not in marks:
            continue
        breach = first_breach(run, onset, end_of(run) + 1)
        if breach is None and mark in {"mitigate", "recover"}:
            continue
        start = breach[0] if breach else onset
        at, what = marks[mark], f"{mark} of {incident.id}"
        if at is not None and at - start > limit:
            yield f"{what} took {format_duration(at - start)}, longer than {format_duration(limit)}"
        elif at is None and mark != "mitigate" and end_of(run) - start > limit:
            yield f"{what} did not happen within {format_duration(limit)}"


def _forbidden(run: Run, forbidden: Any) -> Iterator[str]:
    kind, wanted = (forbidden, {}) if isinstance(forbidden, str) else next(iter(forbidden.items()))
    others = other_teams(run) | NOT_PLAYERS
    for event in run.of("action"):
        if event.who in others or action_of(event) != kind:
            continue
        args = args_of(run, event)
        done = event.data.get("state") in {"done", "unknown"}
        if done and all(args.get(key) == value for key, value in (wanted or {}).items()):
            yield f"{kind} was ordered at {hhmm(event.t)}, which this drill forbids"
            return


def _budget(run: Run, budget: Any) -> Iterator[str]:
    """Time outside, without that of the warm-up, which is not graded."""
    if budget is None:
        return
    stated = budget if isinstance(budget, Mapping) else {o.name: budget for o in objectives(run)}
    warm = int(run.truth_times.searchsorted(int(run.header.get("warm_up", 0))))
    for name, most in stated.items():
        burnt = run.truth.get(f"burnt:{name}")
        if burnt is None or len(burnt) <= warm:
            continue
        before = float(burnt[warm - 1]) if warm else 0.0
        outside = 1000 * (float(burnt[-1]) - before)
        if outside > most:
            total, limit = format_duration(round(outside)), format_duration(int(most))
            yield f"{name} was breached for {total} in all, longer than {limit}"


def _unanswered(run: Run, rubric: Rubric) -> Iterator[str]:
    page = unanswered(run, end_of(run), rubric.time.acknowledge.good)
    if page is not None:
        about = _about(page)
        more = f" ({about})" if about else ""
        yield f"the page of {hhmm(page.t)}{more} to {page.who} was never acknowledged"


def _about(page: Event) -> str:
    names = []
    for alert in page.data.get("alerts") or []:
        name = alert if isinstance(alert, str) else alert.get("alert") or alert.get("alertname")
        if not name and isinstance(alert, Mapping):
            name = (alert.get("labels") or {}).get("alertname")
        if name and name not in names:
            names.append(str(name))
    return join_words(names[:3]) or str(page.data.get("about") or "")


def _praise(run: Run, incidents: Sequence[Incident]) -> str:
    if not bool(held(run).all()):
        began = [i.marks.mitigate for i in incidents if i.marks.mitigate is not None]
        if began:
            over = f"every objective was back inside by {hhmm(max(began))} and stayed so"
            return "; ".join([over, *_by_themselves(run, incidents)])
    answered = " and every page was answered" if pages(run) else ""
    return f"every objective held{answered}"


def _by_themselves(run: Run, incidents: Sequence[Incident]) -> Iterator[str]:
    """What passed without anybody's order having ended it."""
    for incident in incidents:
        alone = ended_by_itself(run, incident)
        if alone is not None:
            yield f"{incident.id} ended by itself at {hhmm(alone)}"


def _several(stated: Any) -> list[Any]:
    if stated is None:
        return []
    if isinstance(stated, Mapping):
        return [{key: value} for key, value in stated.items()]
    return list(stated) if isinstance(stated, list | tuple) else [stated]
