"""The director: which injects start in a tick, which are dropped, and which phases begin."""

from collections.abc import Iterable
from typing import NamedTuple

from simulator.director.conditions import Facts
from simulator.director.injects import BoundInject
from simulator.director.phases import Phases
from simulator.units import format_ms


class DroppedInject(NamedTuple):
    """An inject that does not take place, and the reason."""

    inject: BoundInject
    why: str


class Cue(NamedTuple):
    """What happens at the start of a tick, in this order."""

    phases: list[str]
    dropped: list[DroppedInject]
    injects: list[BoundInject]


class Director:
    """Decides on the injects of one run.

    An inject without `when` is due in the first tick from its time on. One with `when` is due in
    the first tick, from its earliest time on, at whose start the condition holds; objectives are
    measured at scrapes only. A due inject starts, or is dropped if its `unless` holds then. All
    injects of a tick are decided on by the same facts.

    Parameters
    ----------
    injects : iterable of BoundInject
        In the order of the scenario, in which those of one tick start.
    warm_up : int, ms
        Its end; injects that wait for a condition start no earlier.

    Attributes
    ----------
    pending : list of BoundInject
        The injects that are not decided on yet.

    Examples
    --------
    >>> from simulator.director.breaches import Breaches
    >>> late = BoundInject("late", "message", "primary", "", {}, at=5000)
    >>> director = Director([late], warm_up=5000)
    >>> for t in (0, 5000):
    ...     director.cue(Facts(t, Breaches([]), {}, None)).injects == [late]
    False
    True
    """

    def __init__(self, injects: Iterable[BoundInject], warm_up: int) -> None:
        self.pending = list(injects)
        self._warm_up = warm_up
        self._phases = Phases(warm_up)

    def cue(self, facts: Facts) -> Cue:
        """Decide on the injects of the tick that starts now."""
        pending: list[BoundInject] = []
        dropped: list[DroppedInject] = []
        injects: list[BoundInject] = []
        for inject in self.pending:
            if not self._is_due(inject, facts):
                if inject.latest is not None and facts.t >= inject.latest:
                    why = self._explain_unmet(inject, format_ms(inject.latest))
                    dropped.append(DroppedInject(inject, why))
                else:
                    pending.append(inject)
            elif inject.unless is not None and inject.unless.holds(facts):
                dropped.append(DroppedInject(inject, str(inject.unless)))
            else:
                injects.append(inject)
        self.pending = pending
        fault_starts = any(inject.fault is not None for inject in injects)
        phases = self._phases.begin(facts.t, fault_starts=fault_starts)
        return Cue(phases, dropped, injects)

    def add(self, inject: BoundInject) -> None:
        """Add an inject, which a facilitator has ordered."""
        self.pending.append(inject)

    def end(self) -> list[DroppedInject]:
        """The injects that wait for a condition, or their time, when the drill ends."""
        return [
            DroppedInject(
                inject,
                "the drill ended first"
                if inject.when is None
                else self._explain_unmet(inject, "the end"),
            )
            for inject in self.pending
        ]

    def _is_due(self, inject: BoundInject, facts: Facts) -> bool:
        if inject.when is None:
            return facts.t >= inject.at
        if inject.latest is not None and facts.t > inject.latest:
            return False
        return facts.t >= self._earliest(inject) and inject.when.holds(facts)

    def _earliest(self, inject: BoundInject) -> int:
        """When an inject that waits for a condition may start, ms."""
        return max(inject.at, self._warm_up)

    def _explain_unmet(self, inject: BoundInject, last: str) -> str:
        return f"not from {format_ms(self._earliest(inject))} to {last}: {inject.when}"
