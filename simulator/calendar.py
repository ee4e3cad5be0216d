"""The simulated clock and its processes. The only module that imports simpy.

A *process* is a generator that yields how many milliseconds its next step takes::

    def roll_back(site):
        yield 90_000
        site.world.releases.model = 7

Time is int milliseconds, so that no float drift can move an event over a tick.
"""

from collections.abc import Generator
from typing import Any

import simpy

Process = Generator[int, None, Any]


class Calendar:
    """The clock of a drill, with the processes that run on it.

    Parameters
    ----------
    start : int, ms
        The first moment; negative while a history is simulated.

    Examples
    --------
    >>> log = []
    >>> def work():
    ...     yield 10
    ...     log.append("done")
    >>> calendar = Calendar()
    >>> calendar.start(work())
    >>> calendar.advance(9); log
    []
    >>> calendar.advance(10); log
    ['done']
    """

    def __init__(self, start: int = 0) -> None:
        self._env = simpy.Environment(initial_time=start)
        self._processes: list[Generator[simpy.Event, Any, None]] = []

    @property
    def now(self) -> int:
        """Milliseconds since the start of the scenario."""
        return int(self._env.now)

    def start(self, process: Process) -> None:
        """Start a process; its first step runs at the next `advance`."""
        self._processes.append(self._events(process))
        self._env.process(self._processes[-1])

    def advance(self, until: int) -> None:
        """Run every event up to and including `until`.

        SimPy's own `run(until)` excludes events at exactly `until`, which would delay every alert
        by a tick.
        """
        env = self._env
        while env.peek() <= until:
            env.step()
        if env.now < until:
            # No other event is due by then; a `run` costs ten times as much.
            env.timeout(until - env.now)
            env.step()

    def close(self) -> None:
        """Drop the processes that have not ended, and all that they hold.

        They and the environment hold each other: they would stay in memory after a run.
        """
        for process in self._processes:
            process.close()
        self._processes.clear()

    def _events(self, process: Process) -> Generator[simpy.Event, Any, None]:
        for duration in process:
            yield self._env.timeout(int(duration))
