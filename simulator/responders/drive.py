"""Plays a drill to its end: wakes the players in turn, and moves time on between."""

from collections.abc import Callable, Mapping

from simulator.responders.contained import Contained
from simulator.responders.meter import ResponderLimits
from simulator.responders.playbook import Follower
from simulator.responders.replay import Replay
from simulator.responders.responder import Responder, ResponderEnded, Silent
from simulator.session import Door, Session

# A few hundredths of a second of real time, so that an interrupted run ends at once.
PROGRESS_EVERY_MS = 60_000


def drive(
    session: Session,
    responders: Mapping[str, Responder],
    progress: Callable[[int], None] | None = None,
) -> None:
    """Play a drill to its end.

    Every responder is contained: one in trouble is logged, and its player is silent from then
    on. A replay is not: what is wrong with it is wrong with its log.

    Parameters
    ----------
    responders : mapping of str to Responder
        By player; empty for nobody.
    progress : callable, optional
        Called with the simulated time, in ms, at least once a minute of it.
    """
    players = {name: _contain(responders[name]) for name in sorted(responders)}
    doors = {name: session.door(name) for name in players}
    wakes: dict[str, int | None] = dict.fromkeys(players, 0)
    while session.now < session.ends:
        for name in _due(doors, wakes, session.now):
            try:
                wakes[name] = players[name].respond(doors[name])
            except ResponderEnded as end:
                session.report_trouble(name, end.state, end.why)
                players[name], wakes[name] = Silent(), session.now
        times = [wake for wake in wakes.values() if wake is not None]
        _advance(session, min(times, default=session.ends), doors, progress)


def _contain(responder: Responder) -> Responder:
    if isinstance(responder, Contained | Replay):
        return responder
    # A playbook cannot hang, and a busy machine must not end it.
    untimed = isinstance(responder, Follower)
    return Contained(responder, ResponderLimits(seconds=None) if untimed else ResponderLimits())


def _due(doors: Mapping[str, Door], wakes: Mapping[str, int | None], now: int) -> list[str]:
    """The players with news or at their wake-up, by time and name."""
    times: dict[str, int] = {}
    for name, door in doors.items():
        wake = wakes[name]
        if wake is not None and wake <= now:
            times[name] = wake
        elif door.waiting:
            times[name] = now
    return sorted(times, key=lambda name: (times[name], name))


def _advance(
    session: Session,
    until: int,
    doors: Mapping[str, Door],
    progress: Callable[[int], None] | None,
) -> None:
    """Advance to `until` or to news, reporting progress on the way.

    At least by a tick: a player who does not read the news would stop time.
    """
    until = min(max(until, session.now + 1), session.ends)
    while True:
        session.advance(min(until, session.now + PROGRESS_EVERY_MS) if progress else until)
        if progress:
            progress(session.now)
        if session.now >= until or any(door.waiting for door in doors.values()):
            return
