"""Playing one drill to its end."""

from collections.abc import Callable
from pathlib import Path

from simulator.responders import Responder, drive
from simulator.run import Run
from simulator.session import Session
from simulator.setting import Setting

Progress = Callable[[int], None]


def play(
    setting: Setting,
    seed: int,
    responder: Responder | None = None,
    *,
    name: str = "none",
    twin: str = "",
    command: str = "",
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Run:
    """Play one drill to its end.

    Parameters
    ----------
    responder : Responder or None
        None for nobody.
    name : str
        The responder's name, for the log.
    twin : str
        `no-fault` leaves out the faults, `without-ID` one of them.
    command : str
        The command that runs the drill again, for the log.
    folder : Path, optional
        An existing folder for the run's files.
    progress : callable, optional
        Called with the simulated time, ms.

    Raises
    ------
    KeyboardInterrupt
        If the drill was interrupted; the log has an event for it, and is readable.
    """
    players = None if responder else ()
    session = Session(
        setting, seed, folder, players=players, responder=name, twin=twin, command=command
    )
    try:
        drive(session, {} if responder is None else {session.plays: responder}, progress)
    except KeyboardInterrupt:
        session.interrupt("interrupted")
        session.finish()
        raise
    return session.finish()
