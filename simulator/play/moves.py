"""Plays the moves of a fault: nobody, the right move, a wrong one, from the same seed.

Every course has the same customers and the same fault; the time before the first order is equal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.analysis.debt_history import debts_owed
from simulator.analysis.truth import Truth, final_hold_start
from simulator.faults import MoveStep
from simulator.responders import drive
from simulator.run import Run
from simulator.run.events import ActionEvent, LandedEvent, PageEvent
from simulator.session import Door, Order, Session
from simulator.setting import Setting

# How often a step whose time has not come is looked at again, ms.
LOOK_AGAIN_MS = 30_000


class MovePlayer:
    """Gives the orders of moves, one after the other.

    Parameters
    ----------
    moves : sequence of (int, steps)
        When the first order of each may be given, ms, and its steps, bound to the pipeline.
    cause_removed : callable
        Tells whether the fault no longer bites. Only the program that plays the move knows.
    """

    def __init__(
        self,
        moves: Sequence[tuple[int, Sequence[MoveStep]]],
        cause_removed: Callable[[], bool],
    ) -> None:
        self._steps = [(begins, step) for begins, steps in moves for step in steps]
        self._cause_removed = cause_removed
        self._order: int | None = None  # that has not ended
        self._since: int | None = None  # ms since when the next step's condition holds

    def respond(self, door: Door) -> int | None:
        """Give the order that is due; return the next time to look, ms."""
        ended = {item.data["order"] for item in door.seen().news if item.kind == "result"}
        if self._order in ended:
            self._order = None
        if self._order is not None or not self._steps:
            return None
        begins, step = self._steps[0]
        if door.now < begins:
            return begins
        if step.when == "cause removed" and not self._cause_removed():
            return door.now + LOOK_AGAIN_MS
        self._since = door.now if self._since is None else self._since
        if door.now < self._since + step.after:
            return self._since + step.after
        del self._steps[0]
        self._since = None
        self._order = door.submit(Order(step.action, dict(step.args)))
        return None


@dataclass(frozen=True)
class Consequence:
    """What became of a fault under one course of orders, from the first order on.

    Attributes
    ----------
    landed : bool
    recovered : bool
        All objectives held at the end, for the scenario's hold at least.
    seconds_outside : float
        Time in which not all objectives held.
    depth : float
        How far outside, in limits times seconds, summed over the objectives.
    debts : tuple of str
        Owed at the end.
    orders, pages : int
        Orders given that changed the world, and pages that people outside of the team got.
    failed : tuple of str
        Orders that failed, with their notes.
    """

    landed: bool
    recovered: bool
    seconds_outside: float
    depth: float
    debts: tuple[str, ...]
    orders: int
    pages: int
    failed: tuple[str, ...]


def play_move(session: Session, moves: Sequence[tuple[int, Sequence[MoveStep]]], fault: str) -> Run:
    """Play a session to its end with the orders of moves.

    Parameters
    ----------
    session : Session
        With the played team as its player.
    moves : sequence of (int, steps)
        When each begins, ms, not before the session's time, and its bound steps.
    fault : str
        The id of the fault's inject.
    """
    faults = session.internals.faults

    def cause_removed() -> bool:
        active = next((item for item in faults.active if item.inject.id == fault), None)
        return (
            active is None
            or bool(active.ended)
            or not active.fault.applies(session.internals.world)
        )

    drive(session, {session.plays: MovePlayer(moves, cause_removed)})
    return session.finish()


def consequence_of(run: Run, setting: Setting, since: int, fault: str) -> Consequence:
    """What became of a fault in a run, from `since`, ms, on."""
    truth = Truth(run)
    after = truth.times >= since
    step = setting.scenario.scrape_interval / 1000.0
    depth = 0.0
    for objective in truth.objectives:
        distance = objective.distance_outside(truth.values[objective.name][after])
        # What is undefined is at least as bad as the limit itself.
        limit = abs(objective.limit) or 1.0
        depth += float(np.minimum(distance / limit, 10.0).sum()) * step
    hold = final_hold_start(
        truth.times, truth.all_inside, setting.scenario.duration, setting.scenario.hold
    )
    ends = np.array([truth.times[-1]])
    orders = [e for e in run.of(ActionEvent) if e.who == setting.scenario.plays and e.ends]
    return Consequence(
        landed=any(e.fault == fault for e in run.of(LandedEvent)),
        recovered=hold is not None,
        seconds_outside=float(np.count_nonzero(~truth.all_inside[after])) * step,
        depth=round(depth, 3),
        debts=tuple(sorted(name for name, owed in debts_owed(run, ends).items() if owed[0])),
        orders=len(orders),
        pages=sum(e.state == "sent" and e.who != setting.scenario.plays for e in run.of(PageEvent)),
        failed=tuple(f"{e.action}: {e.note}" for e in orders if e.state == "failed"),
    )
