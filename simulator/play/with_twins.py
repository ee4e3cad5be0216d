"""Playing a drill and its twins into a folder."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from simulator.play.play import Progress, Responders, play
from simulator.play.processes import TwinPool, Waiting
from simulator.play.twins import facilitators_of, independent_twins, is_reference, twins_with_orders
from simulator.run import Player, Run
from simulator.run.folder import refuse_run
from simulator.setting import Setting, inputs

NO_BAR: AbstractContextManager[None] = nullcontext()


def play_with_twins(
    setting: Setting,
    seed: int,
    responders: Responders = None,
    *,
    players: Sequence[Player] | None = None,
    name: str = "none",
    command: str = "",
    folder: Path,
    twins: bool = True,
    playing: AbstractContextManager[Progress | None] = NO_BAR,
    waiting: AbstractContextManager[Waiting | None] = NO_BAR,
) -> Run:
    """Play a drill into a folder, with its inputs and its twins.

    Parameters
    ----------
    responders, players
        As in `play`.
    name : str
        The responder's name, for the log.
    command : str
        The command that runs the drill again, for the log.
    folder : Path
        An empty folder: `simulator.run.make_folder`.
    twins : bool
        Whether to play the twins.
    playing : context manager of a callable
        Entered while the drill is played; the callable gets the simulated time, ms.
    waiting : context manager of a callable
        Entered while the twins are waited for; the callable gets the number of those that are
        ready, and of all.

    Raises
    ------
    RunError
        The folder contains a run.
    TwinFailed
        A twin's process ended without a run.
    KeyboardInterrupt
        If the drill was interrupted; the log until then is readable.
    """
    refuse_run(folder)
    inputs.write(setting, folder / "inputs")
    reference = players is None and is_reference(setting, responders)
    with TwinPool(setting, seed, folder, inputs.digest(folder / "inputs")) as pool:
        independent = independent_twins(setting, reference=not reference)
        directed = bool(facilitators_of(players or ()))
        if twins and not directed:
            pool.add(independent)
        with playing as progress:
            run = play(
                setting, seed, responders, players=players, name=name, reference=reference,
                command=command, folder=folder, progress=progress,
            )  # fmt: skip
        if twins:
            pool.add((*(independent if directed else ()), *twins_with_orders(run)), run)
            with waiting as progress_of_twins:
                run.twins = pool.wait(progress_of_twins)
    return run
