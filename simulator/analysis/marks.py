"""The marks of an incident: its times, as pure functions of a run and its twins.

======================= ====================================================================
onset                   the mechanism changed
landed                  the fault first affected a unit of work
impact                  the first breach that the no-fault twin does not have and, where there
                        are several faults, that is attributed to this one · needs a twin
alert                   the first attributable notification was delivered · needs both twins
detect                  an attributable page reached a person of the played team, or the
                        responder declared, whichever was earlier; a declaration does not count
                        for one of several faults without harm and alerts · needs both twins
acknowledge             the played team acknowledged a page about it
declare                 the responder declared a severity
diagnose                the first correct claim of the cause that no later claim withdrew
mitigate                every objective back inside until the end, and for at least the hold;
                        where there are several faults and their twins, no more breach that is
                        attributed to this one
recover                 mitigated, and no debt owed any more; where there are several faults
                        and their twins, no debt that is attributed to this one
close                   the responder closed the incident
======================= ====================================================================

A mark is None if it did not happen, or if it needs a twin that is missing. All times are ms.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import NamedTuple

from simulator.analysis.attribution import Attribution
from simulator.analysis.debt_history import DebtHistory, debt_history
from simulator.analysis.graded import TrueCauses, claimed_cause, done_actions
from simulator.analysis.harm import HarmByFault
from simulator.analysis.onsets import Onset, leave_one_out_twins
from simulator.analysis.page_history import (
    earliest,
    first_acknowledgement,
    first_delivery,
    first_notification,
)
from simulator.analysis.truth import (
    all_objectives_held,
    end_of,
    final_hold_start,
    first_breach,
    first_caused_breach,
)
from simulator.run import NO_FAULT, Run
from simulator.run.events import InjectEvent, LandedEvent
from simulator.run.header import PlannedFault


@dataclass(frozen=True)
class Marks:
    """The times of one incident, ms; None if it did not happen."""

    onset: int | None = None
    landed: int | None = None
    impact: int | None = None
    alert: int | None = None
    detect: int | None = None
    acknowledge: int | None = None
    declare: int | None = None
    diagnose: int | None = None
    mitigate: int | None = None
    recover: int | None = None
    close: int | None = None

    def items(self) -> Iterator[tuple[str, int | None]]:
        """Every mark's name and time, in the order of an incident."""
        return iter(asdict(self).items())


@dataclass(frozen=True)
class Incident:
    """A fault and its marks."""

    id: str
    fault: str
    marks: Marks


def incidents(run: Run, twins: Mapping[str, Run] | None = None) -> list[Incident]:
    """The marks of every fault of a run, in order of onset.

    Parameters
    ----------
    twins : mapping of str to Run, optional
        `no-fault` and `none`, and for several faults `without-ID` each; by default the run's.
        With an empty mapping the marks are those that follow from the log alone.
    """
    twins = run.twins if twins is None else twins
    attribution, harm = Attribution(run, twins), HarmByFault.of(run, twins)
    injects = list(_injects(run))
    result = []
    for number, inject in enumerate(injects):
        if harm is None:
            later_onsets = [event.t for event in injects[number + 1 :]]
            aftermath = _joint_aftermath(run, inject, twins.get(NO_FAULT), later_onsets)
        else:
            aftermath = _separate_aftermath(run, inject.id, harm)
        marks = _marks(run, inject, aftermath, attribution, only_fault=len(injects) == 1)
        result.append(Incident(inject.id, inject.name, marks))
    return result


def harmless(run: Run, marks: Marks, twins: Mapping[str, Run] | None = None) -> bool:
    """Whether one of several faults is known to have done no harm."""
    twins = run.twins if twins is None else twins
    separable = bool(leave_one_out_twins(run, twins)) and len(run.truth_times) > 0
    return separable and marks.impact is None


def expected_faults(run: Run) -> tuple[PlannedFault, ...]:
    """The faults of the scenario."""
    return run.header.faults


def _injects(run: Run) -> Iterator[InjectEvent]:
    """The injects that began an incident: faults, or changes if those are the cause."""
    changes = not expected_faults(run) and bool(TrueCauses.of(run).causes)
    seen: set[str] = set()
    for event in run.of(InjectEvent):
        name = event.id
        if event.type == ("change" if changes else "fault") and name not in seen:
            seen.add(name)
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


def _separate_aftermath(run: Run, fault: str, harm: HarmByFault) -> _Aftermath:
    """The consequences of one of several faults, separated from those of the others."""
    hold = run.header.hold
    impact, mitigate = harm.impact_and_mitigation(fault, end_of(run), hold)
    return _Aftermath(impact, mitigate, impact is not None, harm.debts(fault))


def _joint_aftermath(
    run: Run, inject: InjectEvent, no_fault: Run | None, later_onsets: list[int]
) -> _Aftermath:
    """The consequences of a single fault, or of several that cannot be separated."""
    onset = inject.t
    return _Aftermath(
        impact=first_caused_breach(run, no_fault, onset) if no_fault else None,
        mitigate=_mitigate(run, onset, later_onsets),
        harmed=first_breach(run, onset, end_of(run) + 1) is not None,
        debts=debt_history(run, onset),
    )


def _marks(
    run: Run, inject: InjectEvent, aftermath: _Aftermath, attribution: Attribution, only_fault: bool
) -> Marks:
    onset, fault = inject.t, Onset(inject.id, inject.t)
    alert = first_notification(run, attribution, fault)
    declare = next((event.t for event in done_actions(run, "declare") if event.t >= onset), None)
    # The declaration was not about one of several faults without harm and alerts.
    invisible = attribution.separates_faults and aftermath.impact is None and alert is None
    detect = earliest(first_delivery(run, attribution, fault), None if invisible else declare)
    return Marks(
        onset=onset,
        landed=_landed(run, inject),
        impact=aftermath.impact,
        alert=alert,
        detect=detect if attribution.has_twins else None,
        acknowledge=first_acknowledgement(run, attribution, fault),
        declare=declare,
        diagnose=_diagnose(run, inject, only_fault),
        mitigate=aftermath.mitigate,
        recover=aftermath.recover,
        close=next((event.t for event in done_actions(run, "close") if event.t >= onset), None),
    )


def _landed(run: Run, inject: InjectEvent) -> int | None:
    for event in run.of(LandedEvent):
        if event.fault == inject.id:
            return event.t
    # A change is an ordinary action, which takes effect at once.
    return inject.t if inject.type == "change" else None


def _diagnose(run: Run, inject: InjectEvent, only_fault: bool) -> int | None:
    causes, fault = TrueCauses.of(run), inject.name
    since = None
    for event in done_actions(run, "diagnose"):
        if event.t < inject.t:
            continue
        claim = claimed_cause(run, event)
        if causes.match(claim, fault, only_fault):
            since = event.t if since is None else since
        elif only_fault or not causes.match_any(claim):
            since = None  # a later claim of another cause withdraws it
    return since


def _mitigate(run: Run, onset: int, later_onsets: list[int]) -> int | None:
    """When the final segment inside began; None if no objective was ever breached.

    An incident that was over before the next fault began is judged up to that onset.
    """
    hold, inside = run.header.hold, all_objectives_held(run)
    for until in [*later_onsets, end_of(run)]:
        start = final_hold_start(run.truth_times, inside, until, hold)
        if first_breach(run, onset, until) and start is not None:
            return start
    return None
