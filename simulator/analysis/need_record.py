"""A need of a run: from when it was there, and when it was met."""

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.run import Event, Run
from simulator.run.need import Need


@dataclass(frozen=True)
class NeedRecord:
    """A need of a run, for one team or reader; times in ms, None for what did not happen.

    Attributes
    ----------
    team : str
        The team or reader; empty for the severity.
    t, until : int
        From when on it was there, and when it ended: with its fault, the recovery or the drill.
    met : int or None
        When it was met first, maybe before or after that time.
    called, taken : int or None
        When the team was called, and when somebody of it took the page.
    by : str
        Who sent the page that reached the team, or that called it: a player, a specialist who
        handed on, alertmanager.
    by_players : bool
        Whether the played team called it, or those who handed on to it; not an alert's page that
        came to a level which names the team.
    hops : int or None
        The hops until the team was reached.
    longest_wait : int or None
        The longest time without an update, of readers who must be informed every so often.
    lines : tuple of int
        The lines of log.jsonl that show it.
    """

    need: Need
    t: int
    until: int
    met: int | None
    team: str = ""
    called: int | None = None
    taken: int | None = None
    by: str = ""
    by_players: bool = False
    hops: int | None = None
    longest_wait: int | None = None
    lines: tuple[int, ...] = ()

    @property
    def delay(self) -> int | None:
        """How long after it was there it was met, ms."""
        return None if self.met is None else max(0, self.met - self.t)


def line_numbers(run: Run, events: Iterable[Event | None]) -> tuple[int, ...]:
    """The lines of log.jsonl of some events; its first is the header."""
    wanted = {id(event) for event in events if event is not None}
    return tuple(n for n, event in enumerate(run.events, 2) if id(event) in wanted)
