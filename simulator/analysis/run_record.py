"""The facts of a run alone, without its twins."""

from collections.abc import Sequence
from functools import cached_property

from simulator.analysis.alert_spans import AlertSpan, alert_spans
from simulator.analysis.debt_history import DebtHistory, debt_history
from simulator.analysis.onsets import FaultEnd, Onset, fault_ends, onsets
from simulator.analysis.order_records import OrderRecord, order_records
from simulator.analysis.page_history import PageHistory, page_histories
from simulator.analysis.truth import Truth
from simulator.run import Header, Run
from simulator.run.events import NeedEvent
from simulator.run.need import Need


class RunRecord:
    """The facts of a run alone; each is computed once, when it is first read."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @property
    def header(self) -> Header:
        """The run's header."""
        return self.run.header

    @property
    def complete(self) -> bool:
        """Whether the drill reached its end."""
        return self.run.complete

    @cached_property
    def end(self) -> int:
        """When the drill ended, ms; for an interrupted drill, the last recorded time."""
        last = [event.t for event in self.run.events[-1:]]
        if not self.complete:
            last += [int(t) for t in self.run.truth_times[-1:]]
        return max(last, default=0)

    @cached_property
    def needs(self) -> Sequence[Need]:
        """Whom the run needs: the scenario's needs, and those of live injects."""
        return (*self.header.needs, *(event.need for event in self.run.of(NeedEvent)))

    @cached_property
    def onsets(self) -> Sequence[Onset]:
        """The faults that began, in order."""
        return onsets(self.run)

    @cached_property
    def _fault_ends(self) -> dict[str, FaultEnd]:
        return fault_ends(self.run)

    def onset_of(self, fault: str) -> int | None:
        """When a fault began, ms, by its id."""
        return next((onset.t for onset in self.onsets if onset.id == fault), None)

    def fault_end(self, fault: str) -> FaultEnd:
        """The end of a fault, by its id."""
        return self._fault_ends.get(fault, FaultEnd())

    @cached_property
    def truth(self) -> Truth:
        """The objectives and their true values."""
        return Truth(self.run)

    @cached_property
    def alert_spans(self) -> Sequence[AlertSpan]:
        """Every alert from pending until it was over, in order of their first event."""
        return alert_spans(self.run)

    @cached_property
    def firings(self) -> Sequence[AlertSpan]:
        """The alerts that fired, in order of firing."""
        fired = (span for span in self.alert_spans if span.firing is not None)
        return sorted(fired, key=lambda span: (span.start, span.alert.name))

    @cached_property
    def page_histories(self) -> Sequence[PageHistory]:
        """The pages to all teams, each with its events."""
        return page_histories(self.run)

    @cached_property
    def pages_to_played_team(self) -> Sequence[PageHistory]:
        """The pages to the team that the players play."""
        return [page for page in self.page_histories if page.team == self.header.plays]

    @cached_property
    def order_records(self) -> Sequence[OrderRecord]:
        """Every order with its outcome, except the director's."""
        return order_records(self.run)

    @cached_property
    def graded_orders(self) -> Sequence[OrderRecord]:
        """The orders of the graded players, those of simulated people left out."""
        players = self.header.graded_players
        return [
            order for order in self.order_records if order.who in players and not order.simulated
        ]

    def done_times(self, action: str) -> list[tuple[int, OrderRecord]]:
        """The graded orders of an action that were done, in order of that time, ms."""
        done = [
            (order.done, order)
            for order in self.graded_orders
            if order.action == action and order.state == "done" and order.done is not None
        ]
        return sorted(done, key=lambda entry: entry[0])

    def debt_history_since(self, onset: int) -> DebtHistory:
        """The debts that began after an onset, ms, whichever fault or order left them."""
        return debt_history(self.run, onset)
