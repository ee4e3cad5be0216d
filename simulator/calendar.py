"""Simulated time, and things that take it. The only module that imports simpy.

A *thing* is a generator that yields how many milliseconds it takes until it goes on::

    def roll_back(site):
        yield 90_000
        site.world.releases.model = 7

Time is int milliseconds, so that no float drift can move an event over a tick.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

Thing = Generator[int, None, Any]


class Running:
    """A thing under way: it can be interrupted, and its end can be awaited."""

    def __init__(self, process: simpy.Process) -> None:
        self._process = process

    def interrupt(self, why: str = "") -> None:
        """Stop it where it waits; nothing that it would have done later happens."""
        if self._process.is_alive:
            self._process.interrupt(why)


class Calendar:
    """The agenda of a drill.

    Parameters
    ----------
    start : int, ms
        Where time begins; negative while history is made.

    Examples
    --------
    >>> seen = []
    >>> def work():
    ...     yield 10
    ...     seen.append("done")
    >>> calendar = Calendar()
    >>> _ = calendar.begin(work())
    >>> calendar.advance(9); seen
    []
    >>> calendar.advance(10); seen
    ['done']
    """

    def __init__(self, start: int = 0) -> None:
        self._env = simpy.Environment(initial_time=start)

    @property
    def now(self) -> int:
        """Milliseconds since the start of the scenario."""
        return int(self._env.now)

    def begin(self, thing: Thing) -> Running:
        """Put a thing on the agenda; its first part runs at the next `advance`."""
        return Running(self._env.process(self._steps(thing)))

    def at(self, t: int, thing: Thing) -> Running:
        """Put a thing on the agenda for a later moment (or now, if that has passed)."""

        def later() -> Thing:
            yield max(0, t - self.now)
            yield from thing

        return self.begin(later())

    def advance(self, until: int) -> None:
        """Run everything up to and including `until`.

        SimPy's own `run(until)` leaves out what happens at exactly `until`, which would
        delay every alert by a tick.
        """
        env = self._env
        while env.peek() <= until:
            env.step()
        if env.now < until:
            # Nothing else is due by then; a `run` costs ten times as much.
            env.timeout(until - env.now)
            env.step()

    def _steps(self, thing: Thing) -> Generator[simpy.Event, Any, Any]:
        try:
            takes = next(thing)
            while True:
                yield self._env.timeout(int(takes))
                takes = thing.send(None)
        except StopIteration as end:
            return end.value
        except simpy.Interrupt:
            thing.close()
            return None
