"""Starts injects when they are due, and logs what becomes of faults."""

from collections.abc import Iterable, Mapping

from simulator.actions import ACTIONS, Action
from simulator.calendar import Calendar, Process
from simulator.director.conditions import Facts
from simulator.director.director import Director, DroppedInject
from simulator.director.faults import ENDED_BY_FACT, ActiveFault
from simulator.director.injects import BoundInject
from simulator.run.events import (
    DroppedEvent,
    EndedEvent,
    InjectEvent,
    LandedEvent,
    MissedEvent,
    PhaseEvent,
)
from simulator.run.player import DIRECTOR
from simulator.session.inboxes import Inboxes
from simulator.session.internals import Internals
from simulator.session.journal import Journal
from simulator.session.orders import carry_out
from simulator.session.sites import Sites


class InjectRunner:
    """The injects of one run.

    Parameters
    ----------
    director : Director
        Decides which are due.
    """

    def __init__(
        self,
        director: Director,
        internals: Internals,
        calendar: Calendar,
        journal: Journal,
        inboxes: Inboxes,
        sites: Sites,
    ) -> None:
        self._director, self._internals, self._calendar = director, internals, calendar
        self._journal, self._inboxes, self._sites = journal, inboxes, sites

    def start_due(self, t: int, completed: Mapping[str, int]) -> None:
        """Begin the phases and injects that are due in the tick that starts at t, ms.

        Parameters
        ----------
        completed : mapping of str to int
            When the played team first completed each action, ms.
        """
        internals = self._internals
        facts = Facts(t, internals.truth.breaches, completed, internals.faults.first_onset)
        cue = self._director.cue(facts)
        for phase in cue.phases:
            self._journal.write(PhaseEvent(self._journal.now, DIRECTOR, phase))
        self._log_dropped(cue.dropped)
        for inject in cue.injects:
            self._start(inject)

    def _start(self, inject: BoundInject) -> None:
        kind, args = inject.type, dict(inject.args)
        self._journal.write(
            InjectEvent(
                self._journal.now, DIRECTOR, inject.id, kind, inject.name, inject.target, args
            )
        )
        if kind == "fault":
            fault = self._internals.faults.start(inject, self._internals.world)
            # A fault that does not bite yet may wait for its build to be deployed.
            if fault.fault.applies(self._internals.world):
                self._log_missed(fault)
        elif kind == "message":
            self._inboxes.send(inject.sender, inject.name, inject.text)
        else:
            action = ACTIONS.get(inject.name).model_validate(args)
            self._calendar.start(self._run_change(inject, action))

    def end_due(self) -> None:
        """End the faults whose time is over or whose fact has changed."""
        for fault in self._internals.faults.end_due(self._internals.world):
            self._log_missed(fault)
            reason = fault.ended or ENDED_BY_FACT
            self._journal.write(EndedEvent(self._journal.now, "world", fault.inject.id, reason))

    def land(self, hits: Mapping[str, int]) -> None:
        """Log the faults that bite for the first time, by their units of work."""
        for fault, units in self._internals.faults.land(hits):
            inject, now = fault.inject, self._journal.now
            self._journal.write(LandedEvent(now, "world", inject.id, inject.name, units))

    def end(self) -> None:
        """Log what has not happened by the end of the drill: injects, and first bites of faults."""
        for fault in self._internals.faults.active:
            if not fault.ended:
                self._log_missed(fault)
        self._log_dropped(self._director.end())

    def _run_change(self, inject: BoundInject, action: Action) -> Process:
        """An action of the organisation itself, ordered by the director."""
        outcome = yield from carry_out(action, self._sites.of(DIRECTOR, 0))
        failed = outcome.state == "failed"
        text = f"{inject.name} failed: {outcome.note}" if failed else outcome.note
        self._journal.line("deploy", "INFO", text, self._calendar.now)

    def _log_dropped(self, dropped: Iterable[DroppedInject]) -> None:
        for inject, why in dropped:
            self._journal.write(DroppedEvent(self._journal.now, DIRECTOR, inject.id, why))

    def _log_missed(self, fault: ActiveFault) -> None:
        if why := fault.newly_missing(self._internals.world):
            inject, now = fault.inject, self._journal.now
            self._journal.write(MissedEvent(now, "world", inject.id, inject.name, why))
