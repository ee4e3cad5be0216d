"""The marks of an incident: when what happened, as pure functions of a run and its twins.

======================= ====================================================================
onset                   the mechanism changed
landed                  it first bit on a unit of work
impact                  the first breach that the no-fault twin does not have, and where there
                        are several faults, that is to be blamed on this one · needs a twin
alert                   the first attributable notification was delivered · needs both twins
detect                  an attributable page reached a person of the played team, or the
                        responder declared, whichever was earlier; no declaration is about one
                        of several that harmed nothing and set off nothing · needs both twins
acknowledge             the played team acknowledged a page about it
declare                 the responder stated a severity
diagnose                the first correct claim of the cause that no later claim withdrew
mitigate                every objective back inside, and so for the hold until the end; where
                        there are several faults and their twins, no breach to be blamed on it
recover                 mitigated, and the debts paid: nothing was owed any more; where there
                        are several faults and their twins, nothing that is due to this one
close                   the responder said that it is over
======================= ====================================================================

What did not happen, or cannot be told without a twin, is None. All times are ms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from simulator.run import NO_FAULT, Event, Run
from simulator.score.attribution import Attribution
from simulator.score.blame import Blame
from simulator.score.debts import Debts, debts_since
from simulator.score.onsets import Onset, leave_one_out
from simulator.score.paging import acknowledged, delivered, earliest, notified
from simulator.score.players import Causes, actions, claimed
from simulator.score.truth import end_of, final_stretch, first_breach, first_difference, held


@dataclass(frozen=True)
class Marks:
    """When what happened to one incident, ms; None is what did not happen."""

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
        """Every mark's name and time, in the order in which incidents go."""
        return iter(asdict(self).items())


@dataclass(frozen=True)
class Incident:
    """A fault, and what became of it."""

    id: str
    fault: str
    marks: Marks


def incidents(run: Run, twins: Mapping[str, Run] | None = None) -> list[Incident]:
    """The marks of every fault of a run, in order of onset.

    Parameters
    ----------
    run : Run
    twins : mapping of str to Run, optional
        `no-fault` and `none`, and of several faults `without-ID` each; by default those that
        the run has. Without any, the marks are those that the log alone tells.
    """
    twins = run.twins if twins is None else twins
    causes, blame, injects = Attribution(run, twins), Blame.of(run, twins), list(_injects(run))
    found = []
    for number, inject in enumerate(injects):
        if blame is None:
            later = [event.t for event in injects[number + 1 :]]
            aftermath = _of_all(run, inject, twins.get(NO_FAULT), later)
        else:
            aftermath = _of_one(run, str(inject.data["id"]), blame)
        marks = _marks(run, inject, aftermath, causes, len(injects) == 1)
        found.append(Incident(str(inject.data["id"]), str(inject.data.get("name", "")), marks))
    return found


def harmless(run: Run, marks: Marks, twins: Mapping[str, Run] | None = None) -> bool:
    """Whether this one of several faults is known to have harmed nothing."""
    twins = run.twins if twins is None else twins
    known = bool(leave_one_out(run, twins)) and len(run.truth_times) > 0
    return known and marks.impact is None


def expected_faults(run: Run) -> list[Mapping[str, Any]]:
    """The faults that the scenario has."""
    return list(run.header.get("faults") or [])


def _injects(run: Run) -> Iterator[Event]:
    """The injects that an incident began with: faults, or changes where they are the cause."""
    changed = not expected_faults(run) and bool(Causes.of(run).stated)
    seen: set[str] = set()
    for event in run.of("inject"):
        name = str(event.data.get("id"))
        if event.data.get("type") == ("change" if changed else "fault") and name not in seen:
            seen.add(name)
            yield event


class _Aftermath(NamedTuple):
    """What came of a fault.

    Attributes
    ----------
    impact, mitigate : int or None, ms
    harmed : bool
        Whether it breached anything.
    debts : Debts
    """

    impact: int | None
    mitigate: int | None
    harmed: bool
    debts: Debts

    @property
    def recover(self) -> int | None:
        """When it was mitigated and nothing was owed; of what harmed nothing, the latter."""
        start = self.mitigate if self.harmed else self.debts.first
        return None if start is None else self.debts.paid(start)


def _of_one(run: Run, fault: str, blame: Blame) -> _Aftermath:
    """What came of one of several faults, told from the others."""
    impact, mitigate = blame.harm(fault, end_of(run), int(run.header.get("hold", 0)))
    return _Aftermath(impact, mitigate, impact is not None, blame.debts(fault))


def _of_all(run: Run, inject: Event, no_fault: Run | None, later_onsets: list[int]) -> _Aftermath:
    """What came of one fault, or of several that nothing tells apart."""
    onset = inject.t
    return _Aftermath(
        impact=first_difference(run, no_fault, onset) if no_fault else None,
        mitigate=_mitigate(run, onset, later_onsets),
        harmed=first_breach(run, onset, end_of(run) + 1) is not None,
        debts=debts_since(run, onset),
    )


def _marks(
    run: Run, inject: Event, aftermath: _Aftermath, causes: Attribution, alone: bool
) -> Marks:
    onset, fault = inject.t, Onset(str(inject.data["id"]), inject.t)
    alert = notified(run, causes, fault)
    declare = next((event.t for event in actions(run, "declare") if event.t >= onset), None)
    # One of several that harmed nothing and set off nothing is not what was declared.
    unseen = causes.apart and aftermath.impact is None and alert is None
    detect = earliest(delivered(run, causes, fault), None if unseen else declare)
    return Marks(
        onset=onset,
        landed=_landed(run, inject),
        impact=aftermath.impact,
        alert=alert,
        detect=detect if causes.known else None,
        acknowledge=acknowledged(run, causes, fault),
        declare=declare,
        diagnose=_diagnose(run, inject, alone),
        mitigate=aftermath.mitigate,
        recover=aftermath.recover,
        close=next((event.t for event in actions(run, "close") if event.t >= onset), None),
    )


def _landed(run: Run, inject: Event) -> int | None:
    for event in run.of("landed"):
        if event.data.get("fault") == inject.data["id"]:
            return event.t
    # A change is an ordinary action, and is there when it is taken.
    return inject.t if inject.data.get("type") == "change" else None


def _diagnose(run: Run, inject: Event, alone: bool) -> int | None:
    truth, fault = Causes.of(run), str(inject.data.get("name"))
    since = None
    for event in actions(run, "diagnose"):
        if event.t < inject.t:
            continue
        claim = claimed(run, event)
        if truth.names(claim, fault, alone):
            since = event.t if since is None else since
        elif alone or not truth.names_any(claim):
            since = None  # a later claim of something else withdraws it
    return since


def _mitigate(run: Run, onset: int, later_onsets: list[int]) -> int | None:
    """When the final stretch inside began; None if nothing was ever breached.

    An incident that was over before the next fault began is judged up to that.
    """
    hold, inside = int(run.header.get("hold", 0)), held(run)
    for until in [*later_onsets, end_of(run)]:
        began = final_stretch(run.truth_times, inside, until, hold)
        if first_breach(run, onset, until) and began is not None:
            return began
    return None
