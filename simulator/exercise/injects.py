"""Injects: what happens to the pipeline and to the people, and when.

A fault lasts until the fact on which it bites is no longer what it was at its onset, or
for its `for:`. A change is an ordinary action ordered by a system actor. A contingency
inject is sent only if an expected event has not happened by its time.
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
    at: int  # ms; of a contingency inject: when it is decided
    target: str
    args: Mapping[str, Any]
    lasts: int | None = None  # ms
    fault: Fault | None = None
    unless: str = ""  # the event that makes it needless
    text: str = ""
    sender: str = ""


@dataclass
class Active:
    """A fault under way."""

    inject: Inject
    fault: Fault
    onset: int
    fact: Any
    landed: bool = False
    biting: bool = False
    ended: str = ""
    missing: str = ""  # what it did not find, as last told

    def missed(self, world: World) -> str:
        """What it did not find, where that is news and it has not landed."""
        found = "" if self.landed else self.fault.missing_target(world)
        if found == self.missing:
            return ""
        self.missing = found
        return found


class Faults:
    """The faults of one run: which are under way, and what they bend.

    Examples
    --------
    >>> Faults().active
    []
    """

    def __init__(self) -> None:
        self.active: list[Active] = []

    def begin(self, inject: Inject, world: World) -> Active:
        """A fault sets in."""
        assert inject.fault is not None
        found = Active(inject, inject.fault, world.now, inject.fault.fact(world))
        self.active.append(found)
        return found

    def end_due(self, world: World) -> Iterator[Active]:
        """Faults that end now: their time is over, or the fact they bit on has changed.

        One with nothing left to bite on ends too, with no `ended` of its own: it comes back
        with what it bites on.
        """
        for one in self.active:
            if one.ended:
                continue
            lasts = one.inject.lasts
            if lasts is not None and world.now >= one.onset + lasts:
                one.ended = ENDED_BY_TIME
            elif one.fault.fact(world) != one.fact:
                one.ended = ENDED_BY_FACT
            # A bad build that was rolled back may be deployed again: it is over for now.
            applies = not one.ended and one.fault.applies(world)
            stopped, one.biting = one.biting and not applies, applies and one.landed
            if one.ended or stopped:
                yield one

    def bend(self, params: Params, world: World) -> None:
        """Bend the laws of one tick, in the order in which the faults set in."""
        for one in self.active:
            if not one.ended:
                one.fault.bend(params, world, FaultTick(one.inject.id, world.now - one.onset))

    def landed(self, hits: Mapping[str, int]) -> Iterator[tuple[Active, int]]:
        """Faults that bit for the first time in this tick, and on how many units."""
        for one in self.active:
            if not one.landed and hits.get(one.inject.id, 0) > 0:
                one.landed = True
                yield one, hits[one.inject.id]

    def biting_on(self, targets: tuple[str, ...]) -> list[str]:
        """Which of these things a fault is about: what their owner finds by looking."""
        ill = {one.fault.target for one in self.active if not one.ended}
        return [target for target in targets if target in ill]
