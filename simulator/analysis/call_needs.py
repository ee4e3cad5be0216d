"""The teams that a run needed: owners, approvers, and who is next when time runs out."""

from collections.abc import Iterator, Set

from simulator.analysis.incident_span import (
    IncidentSpan,
    first_landing,
    first_onset,
    first_page,
    incident_span,
)
from simulator.analysis.need_record import NeedRecord, line_numbers
from simulator.analysis.page_history import earliest
from simulator.analysis.progress import progress_times, settled_spans
from simulator.analysis.run_record import RunRecord
from simulator.analysis.team_calls import TeamCalls
from simulator.run.events import ActionEvent
from simulator.run.need import Need

CALLS = ("owner", "permission", "time_box")


def call_records(record: RunRecord) -> Iterator[NeedRecord]:
    """The records of the teams that were needed, in the order of the header."""
    needs = [need for need in record.needs if need.reason in CALLS]
    if not needs:
        return
    span, calls = incident_span(record), TeamCalls(record)
    present = [(need, t) for need in needs if (t := _start(record, need, span)) is not None]
    informed = {team for n in record.needs if n.reason == "inform" for team in n.teams}
    needed = informed.union(*({*need.teams, *need.via} for need, _ in present))
    for need, t in present:
        for team in need.teams:
            yield _record(record, need, team, t, span, calls, needed)


def _start(record: RunRecord, need: Need, span: IncidentSpan | None) -> int | None:
    """When a need was there; None if it never was."""
    if need.reason == "time_box":
        return _time_box_end(record, need, span)
    if need.since is None:
        landed = first_landing(record, need.fault)
        if landed is not None or need.fault:
            return landed
    if span is None:
        return None
    # Of a change, and of what only its author knows; an incident that is over needs nobody.
    start = span.start + (need.since or 0)
    return start if start < span.end else None


def _time_box_end(record: RunRecord, need: Need, span: IncidentSpan | None) -> int | None:
    """When a time-box was over, ms; None if it never was.

    It needs a breach: the time of a false alarm runs out for nobody.
    """
    if span is None or not span.breached:
        return None
    after = need.after or 0
    end = _untaken(record, after) if need.since is None else _stalled(record, after, span)
    return end if end is not None and end < span.end else None


def _untaken(record: RunRecord, after: int) -> int | None:
    """When nobody had taken a page for a time: the time-box of a policy.

    Its times are for taking a page: once it is taken, a policy says no more.
    """
    onset = first_onset(record)
    for page in record.pages_to_played_team:
        over = earliest(page.first_in("acknowledged", "resolved"), record.end)
        if page.t >= onset and over is not None and over > page.t + after:
            return page.t + after
    return None


def _stalled(record: RunRecord, after: int, span: IncidentSpan) -> int | None:
    """When there had been no progress for a time since the first page: the author's time-box."""
    paged, settled = first_page(record), settled_spans(record)
    since = span.start if paged is None else paged
    for progress in [*sorted([*progress_times(record), *(end for _, end in settled)]), record.end]:
        over = since + after
        if progress > over and not any(start <= over < end for start, end in settled):
            return over
        since = max(since, progress)
    return None


def _record(
    record: RunRecord,
    need: Need,
    team: str,
    t: int,
    span: IncidentSpan | None,
    calls: TeamCalls,
    needed: Set[str],
) -> NeedRecord:
    start = _earliest_call(record, need, t)
    contact = calls.contact(team, start)
    approval = _approval(record, need)
    end = record.fault_end(need.fault).removed if need.fault else None
    until = end if end is not None else span.end if span is not None else record.end
    called, reached, taken = (None if event is None else event.t for event in contact)
    first = contact.reached or contact.called
    return NeedRecord(
        need,
        t,
        max(t, until),
        met=earliest(reached, None if approval is None else approval.t),
        team=team,
        called=called,
        taken=taken,
        by=calls.sender(first) if first else "",
        by_players=first is not None and calls.chain(first).by_players,
        hops=calls.hops(team, contact, needed),
        lines=line_numbers(record.run, (*contact, approval)),
    )


def _earliest_call(record: RunRecord, need: Need, t: int) -> int:
    """When the fault began, or else the incident, ms: who sees it coming calls before it lands."""
    onset = record.onset_of(need.fault) if need.fault else first_onset(record)
    return t if onset is None else min(t, onset)


def _approval(record: RunRecord, need: Need) -> ActionEvent | None:
    """The first approval of the action that needs one: it stands until the end of the drill."""
    if need.reason != "permission":
        return None
    approvals = (
        event
        for event in record.run.of(ActionEvent)
        if (event.action, event.state) == ("approve", "done")
        and event.result.get("team") == record.header.plays
        and need.action in ("", event.result.get("action"))
    )
    return next(approvals, None)
