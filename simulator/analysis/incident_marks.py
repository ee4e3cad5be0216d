"""The marks of every fault of a run; `marks` defines them."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from simulator.analysis.attribution import Attribution
from simulator.analysis.debt_history import DebtHistory
from simulator.analysis.declarations import first_declaration
from simulator.analysis.diagnoses import Diagnosis, claims, diagnosis, true_causes
from simulator.analysis.harm import HarmByFault
from simulator.analysis.marks import Incident, Marks
from simulator.analysis.onsets import Onset
from simulator.analysis.page_history import PageHistory, earliest
from simulator.analysis.run_record import RunRecord
from simulator.analysis.truth import final_hold_start
from simulator.run.events import InjectEvent, LandedEvent, NotificationEvent


def incidents(
    record: RunRecord,
    no_fault: RunRecord | None,
    attribution: Attribution,
    harm: HarmByFault | None,
    has_evidence: Callable[[int], bool],
) -> list[Incident]:
    """The marks of every fault of a run, in order of onset.

    Parameters
    ----------
    has_evidence : callable
        Whether the players had seen evidence of a fault by a time, ms.
    """
    injects = list(_injects(record))
    result = []
    for number, inject in enumerate(injects):
        if harm is None:
            later_onsets = [event.t for event in injects[number + 1 :]]
            aftermath = _joint_aftermath(record, inject, no_fault, later_onsets)
        else:
            aftermath = _separate_aftermath(record, inject.id, harm)
        marks = _marks(record, inject, aftermath, attribution, has_evidence)
        result.append(Incident(inject.id, inject.name, marks))
    return result


def pages_about(record: RunRecord, attribution: Attribution, fault: Onset) -> list[PageHistory]:
    """The pages to the played team that a fault may have caused.

    Without twins, a page may be about any fault; so may a page that a person sent.
    """
    return [
        page
        for page in record.pages_to_played_team
        if page.t >= fault.t
        and (
            not attribution.has_twins
            or page.first.via == "person"
            or attribution.caused_any(page.first, fault)
        )
    ]


def _injects(record: RunRecord) -> Iterator[InjectEvent]:
    """The injects that began an incident: faults, or changes if those are the cause."""
    changes = not record.header.faults and bool(record.header.expect.cause)
    seen: set[str] = set()
    for event in record.run.of(InjectEvent):
        if event.type == ("change" if changes else "fault") and event.id not in seen:
            seen.add(event.id)
            yield event


class _Aftermath(NamedTuple):
    """The consequences of a fault.

    Attributes
    ----------
    impact, mitigate : int or None, ms
    harmed : bool
        Whether it breached an objective.
    """

    impact: int | None
    mitigate: int | None
    harmed: bool
    debts: DebtHistory

    @property
    def recover(self) -> int | None:
        """When it was mitigated and no debt was owed; without harm, the latter alone."""
        start = self.mitigate if self.harmed else self.debts.first
        return None if start is None else self.debts.paid(start)


def _separate_aftermath(record: RunRecord, fault: str, harm: HarmByFault) -> _Aftermath:
    """The consequences of one of several faults, separated from those of the others."""
    impact, mitigate = harm.impact_and_mitigation(fault, record.end, record.header.hold)
    return _Aftermath(impact, mitigate, impact is not None, harm.debts(fault))


def _joint_aftermath(
    record: RunRecord, inject: InjectEvent, no_fault: RunRecord | None, later_onsets: Sequence[int]
) -> _Aftermath:
    """The consequences of a single fault, or of several that cannot be separated."""
    onset, truth = inject.t, record.truth
    return _Aftermath(
        impact=truth.first_caused_breach(no_fault.truth, onset) if no_fault else None,
        mitigate=_mitigate(record, onset, later_onsets),
        harmed=truth.first_breach(onset) is not None,
        debts=record.debt_history_since(onset),
    )


def _marks(
    record: RunRecord,
    inject: InjectEvent,
    aftermath: _Aftermath,
    attribution: Attribution,
    has_evidence: Callable[[int], bool],
) -> Marks:
    onset, fault = inject.t, Onset(inject.id, inject.t)
    alert = _first_notification(record, attribution, fault)
    landed = _landed(record, inject)
    declare = first_declaration(record, onset, landed)
    # The declaration was not about one of several faults without harm and alerts.
    invisible = attribution.separates_faults and aftermath.impact is None and alert is None
    delivered = _first_delivery(record, attribution, fault)
    detect = earliest(delivered, None if invisible else declare)
    about = pages_about(record, attribution, fault)
    return Marks(
        onset=onset,
        landed=landed,
        impact=aftermath.impact,
        alert=alert,
        detect=detect if attribution.has_twins else None,
        acknowledge=earliest(*(page.acknowledged for page in about)),
        declare=declare,
        diagnose=_correct_claim(record, inject.id, has_evidence),
        cause_removed=record.fault_end(inject.id).removed,
        mitigate=aftermath.mitigate,
        recover=aftermath.recover,
        close=_first_done(record, "close", onset),
    )


def _first_done(record: RunRecord, action: str, onset: int) -> int | None:
    return next((t for t, _ in record.done_times(action) if t >= onset), None)


def _first_notification(record: RunRecord, attribution: Attribution, fault: Onset) -> int | None:
    """When the first notification of an alert that the fault caused was delivered, ms."""
    for event in record.run.of(NotificationEvent):
        if event.status == "firing" and attribution.caused_any(event, fault):
            return event.t
    return None


def _first_delivery(record: RunRecord, attribution: Attribution, fault: Onset) -> int | None:
    """When a page for an alert that the fault caused first reached a person, ms."""
    return earliest(
        *(
            page.seen
            for page in record.pages_to_played_team
            if page.first.via == "alert" and attribution.caused_any(page.first, fault)
        )
    )


def _correct_claim(
    record: RunRecord, incident: str, has_evidence: Callable[[int], bool]
) -> int | None:
    """When the standing claim named the cause itself, ms."""
    standing = diagnosis_of(record, incident, has_evidence)
    return standing.claim.t if standing is not None and standing.similarity == 1 else None


def _landed(record: RunRecord, inject: InjectEvent) -> int | None:
    for event in record.run.of(LandedEvent):
        if event.fault == inject.id:
            return event.t
    # A change is an ordinary action, which takes effect at once.
    return inject.t if inject.type == "change" else None


def diagnosis_of(
    record: RunRecord, incident: str, has_evidence: Callable[[int], bool] = lambda t: True
) -> Diagnosis | None:
    """The standing claim about an incident, by its id; None if none counts."""
    injects = list(_injects(record))
    inject = next(event for event in injects if event.id == incident)
    others = {event.name for event in injects if event.id != incident}
    causes = true_causes(record, inject, others - {inject.name})
    since_onset = [claim for claim in claims(record) if claim.t >= inject.t]
    return diagnosis(since_onset, causes, others, has_evidence)


def _mitigate(record: RunRecord, onset: int, later_onsets: Sequence[int]) -> int | None:
    """When the final segment inside began; None if no objective was ever breached.

    An incident that was over before the next fault began is judged up to that onset.
    """
    truth, hold = record.truth, record.header.hold
    for until in [*later_onsets, record.end]:
        start = final_hold_start(truth.times, truth.all_inside, until, hold)
        if truth.first_breach(onset, until) and start is not None:
            return start
    return None
