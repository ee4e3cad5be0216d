"""Playing one drill to its end."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from simulator.responders import Responder, drive
from simulator.run import Player, Run
from simulator.session import Session
from simulator.setting import Setting

Progress = Callable[[int], None]
# One responder plays the scenario's team; several play by the players' names; None is nobody.
Responders = Responder | Mapping[str, Responder] | None


def play(
    setting: Setting,
    seed: int,
    responders: Responders = None,
    *,
    players: Sequence[Player] | None = None,
    name: str = "none",
    twin: str = "",
    omitted: frozenset[tuple[str, int]] = frozenset(),
    reference: bool = False,
    command: str = "",
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Run:
    """Play one drill to its end.

    Parameters
    ----------
    responders : Responder, mapping of str to Responder, or None
        Of the team that the scenario plays, or by player; None for nobody.
    players : sequence of Player, optional
        By default the responder is one person, named as the team.
    name : str
        The responder's name, for the log.
    twin : str
        `no-fault` leaves out the faults, `without-ID` one of them.
    omitted : frozenset of (str, int)
        Orders, by player and number, that take their player's hands and do nothing.
    reference : bool
        Whether the scenario's reference playbook answers, for the log.
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
    by_player = _by_player(setting, responders)
    if players is None and not by_player:
        players = ()
    session = Session(
        setting, seed, folder, players=players, responder=name, twin=twin, omitted=omitted,
        reference=reference, command=command,
    )  # fmt: skip
    try:
        drive(session, by_player, progress)
    except KeyboardInterrupt:
        session.interrupt("interrupted")
        session.finish()
        raise
    return session.finish()


def _by_player(setting: Setting, responders: Responders) -> Mapping[str, Responder]:
    if responders is None:
        return {}
    if isinstance(responders, Mapping):
        return responders
    return {setting.scenario.plays: responders}
