"""Injects: scheduled faults, changes and messages.

A fault lasts until the fact on which it bites differs from its value at the onset, or for its
`for:`. A change is an ordinary action ordered by a system actor. A contingency inject is sent
only if an expected event has not happened by its time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.faults import Fault, FaultTick
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World

ENDED_BY_FACT = "fact"
ENDED_BY_TIME = "for"


@dataclass(frozen=True)
class Inject:
    """One inject, bound to its parts."""

    id: str
    type: str  # fault, change or message
    name: str  # of the fault or action; the recipient of a message
    at: int  # ms; for a contingency inject the time of the decision
    target: str
    args: Mapping[str, Any]
    lasts: int | None = None  # ms
    fault: Fault | None = None
    unless: str = ""  # the event that makes a contingency inject unnecessary
    text: str = ""
    sender: str = ""


@dataclass
class Active:
    """An active fault."""

    inject: Inject
    fault: Fault
    onset: int
    fact: Any
    landed: bool = False
    biting: bool = False
    ended: str = ""
    missing: str = ""  # the missing target, as last reported

    def missed(self, world: World) -> str:
        """The missing target of a fault that has not landed; empty if reported before."""
        missing = "" if self.landed else self.fault.missing_target(world)
        if missing == self.missing:
            return ""
        self.missing = missing
        return missing


class Faults:
    """The active faults of one run, and the laws that they bend.

    Examples
    --------
    >>> Faults().active
    []
    """

    def __init__(self) -> None:
        self.active: list[Active] = []

    def begin(self, inject: Inject, world: World) -> Active:
        """Start a fault."""
        assert inject.fault is not None
        fault = Active(inject, inject.fault, world.now, inject.fault.fact(world))
        self.active.append(fault)
        return fault

    def end_due(self, world: World) -> Iterator[Active]:
        """Faults that end now: their time is over, or the fact they bite on has changed.

        A fault without a target ends too, but keeps `ended` empty: it resumes with its target.
        """
        for active in self.active:
            if active.ended:
                continue
            lasts = active.inject.lasts
            if lasts is not None and world.now >= active.onset + lasts:
                active.ended = ENDED_BY_TIME
            elif active.fault.fact(world) != active.fact:
                active.ended = ENDED_BY_FACT
            # A bad build that was rolled back may be deployed again.
            applies = not active.ended and active.fault.applies(world)
            stopped, active.biting = active.biting and not applies, applies and active.landed
            if active.ended or stopped:
                yield active

    def bend(self, params: Params, world: World) -> None:
        """Bend the laws of one tick, in order of onset."""
        for active in self.active:
            if not active.ended:
                tick = FaultTick(active.inject.id, world.now - active.onset)
                active.fault.bend(params, world, tick)

    def landed(self, hits: Mapping[str, int]) -> Iterator[tuple[Active, int]]:
        """Faults that bite for the first time in this tick, with their number of units."""
        for active in self.active:
            if not active.landed and hits.get(active.inject.id, 0) > 0:
                active.landed = True
                yield active, hits[active.inject.id]

    def biting_on(self, targets: tuple[str, ...]) -> list[str]:
        """The targets with an active fault, which their owner finds by looking."""
        faulty = {active.fault.target for active in self.active if not active.ended}
        return [target for target in targets if target in faulty]
