"""When the incident of a run began and was over, by its log alone."""

from typing import NamedTuple

from simulator.analysis.page_history import earliest
from simulator.analysis.run_record import RunRecord
from simulator.analysis.truth import final_hold_start
from simulator.run.events import InjectEvent, LandedEvent


class IncidentSpan(NamedTuple):
    """The time of an incident, ms.

    Attributes
    ----------
    start : int
        The first breach of an objective; without one the first page to the played team.
    end : int
        When the objectives held for good and no debt was owed; the end of the drill else.
    breached : bool
        Whether an objective was breached.
    """

    start: int
    end: int
    breached: bool


def incident_span(record: RunRecord) -> IncidentSpan | None:
    """The time of a run's incident; None if nothing was breached and nobody was paged."""
    onset = first_onset(record)
    breach = record.truth.first_breach(onset)
    if breach is not None:
        return IncidentSpan(breach.t, _recovery(record, onset), breached=True)
    page = first_page(record)
    return None if page is None else IncidentSpan(page, record.end, breached=False)


def first_onset(record: RunRecord) -> int:
    """When the first fault began, or the first change where those are the cause, ms.

    A drill without either can still go wrong after its warm-up.
    """
    changes = not record.header.faults and bool(record.header.expect.cause)
    kind = "change" if changes else "fault"
    times = (event.t for event in record.run.of(InjectEvent) if event.type == kind)
    return next(times, record.header.warm_up)


def first_landing(record: RunRecord, fault: str = "") -> int | None:
    """When a fault landed, ms, by its id; by default when any did."""
    landed = record.run.of(LandedEvent)
    return earliest(*(event.t for event in landed if fault in ("", event.fault)))


def first_page(record: RunRecord) -> int | None:
    """When the played team was paged first since the onset, ms."""
    onset = first_onset(record)
    return earliest(*(page.t for page in record.pages_to_played_team if page.t >= onset))


def first_seen(record: RunRecord, onset: int | None = None) -> int | None:
    """When the played team first saw a page since an onset, by default the first one's, ms."""
    since = first_onset(record) if onset is None else onset
    return earliest(*(page.seen for page in record.pages_to_played_team if page.t >= since))


def _recovery(record: RunRecord, onset: int) -> int:
    truth, hold = record.truth, record.header.hold
    mitigated = final_hold_start(truth.times, truth.all_inside, record.end, hold)
    if mitigated is None:
        return record.end
    recovered = record.debt_history_since(onset).paid(mitigated)
    return record.end if recovered is None else recovered
