"""The faults of one run, from their onsets on.

A fault lasts until the fact on which it bites differs from its value at the onset, or for its
`for:`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simulator.director.injects import BoundInject
from simulator.faults import Fault, FaultTick
from simulator.pipeline.laws import Params
from simulator.pipeline.serving import replica_pools
from simulator.pipeline.world import World

ENDED_BY_FACT = "fact"
ENDED_BY_TIME = "for"


@dataclass
class ActiveFault:
    """A fault from its onset on."""

    inject: BoundInject
    fault: Fault
    onset: int
    fact: object  # at the onset
    landed: bool = False
    biting: bool = False
    ended: str = ""
    missing: str = ""  # the missing target, as last logged

    def newly_missing(self, world: World) -> str:
        """The missing target of a fault that has not landed, if it has changed; else empty."""
        missing = "" if self.landed else self.fault.missing_target(world)
        if missing == self.missing:
            return ""
        self.missing = missing
        return missing


class Faults:
    """The faults of one run since their onsets.

    Examples
    --------
    >>> Faults().active
    []
    """

    def __init__(self) -> None:
        self.active: list[ActiveFault] = []

    @property
    def first_onset(self) -> int | None:
        """When the first fault began, ms; None before."""
        return self.active[0].onset if self.active else None

    def start(self, inject: BoundInject, world: World) -> ActiveFault:
        """The onset of a fault."""
        assert inject.fault is not None
        fault = ActiveFault(inject, inject.fault, world.now, inject.fault.fact(world))
        self.active.append(fault)
        return fault

    def end_due(self, world: World) -> Iterator[ActiveFault]:
        """End the faults whose time is over or whose fact has changed.

        A fault without anything left to bite on is among them, but its `ended` stays empty: it
        returns together with its target.
        """
        for fault in self.active:
            if fault.ended:
                continue
            lasts = fault.inject.lasts
            if lasts is not None and world.now >= fault.onset + lasts:
                fault.ended = ENDED_BY_TIME
            elif fault.fault.fact(world) != fault.fact:
                fault.ended = ENDED_BY_FACT
            # A bad build that was rolled back may be deployed again: it is over for now.
            applies = not fault.ended and fault.fault.applies(world)
            stopped, fault.biting = fault.biting and not applies, applies and fault.landed
            if fault.ended or stopped:
                yield fault

    def bend(self, params: Params, world: World) -> None:
        """Bend the laws of one tick, in the order of the onsets."""
        for fault in self.active:
            if not fault.ended:
                tick = FaultTick(fault.inject.id, world.now - fault.onset)
                fault.fault.bend(params, world, tick)
                if world.pools and fault.fault.in_every_pool:
                    for seen, laws in replica_pools.views(world, params):
                        fault.fault.bend(laws, seen, tick)

    def land(self, hits: Mapping[str, int]) -> Iterator[tuple[ActiveFault, int]]:
        """The faults that bite for the first time in this tick, with their units of work."""
        for fault in self.active:
            if not fault.landed and hits.get(fault.inject.id, 0) > 0:
                fault.landed = True
                yield fault, hits[fault.inject.id]

    def faulty(self, targets: tuple[str, ...]) -> list[str]:
        """The targets that a fault affects now, as their owner would find out."""
        affected = {fault.fault.target for fault in self.active if not fault.ended}
        return [target for target in targets if target in affected]

    def began_on(self, target: str, since: int) -> bool:
        """Whether a fault of a target began at a time, ms, or later."""
        return any(fault.fault.target == target and fault.onset >= since for fault in self.active)
