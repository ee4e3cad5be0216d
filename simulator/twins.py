"""Playing a drill, and the same seed again with one thing changed: the runs to grade against.

`no-fault` has no faults and nobody acting: what is breached there was not caused by them.
`none` has the faults and nobody acting: what fires there and not in `no-fault`, a fault
has caused. Named random streams make the three comparable draw by draw.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

from simulator.responders import Responder, drive
from simulator.run import Run, RunError
from simulator.session import Session
from simulator.setting import Setting

TWINS = ("no-fault", "none")
SIGNALS = (signal.SIGINT, signal.SIGTERM)
Progress = Callable[[int], None]


class TwinFailed(RunError):
    """A twin's process ended without a run."""


def play(
    setting: Setting,
    seed: int,
    responder: Responder | None = None,
    *,
    name: str = "none",
    twin: str = "",
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Run:
    """Play one drill to its end.

    Parameters
    ----------
    setting : Setting
    seed : int
    responder : Responder or None
        None for nobody.
    name : str
        What answers, for the log.
    twin : str
        `no-fault` leaves the faults out.
    folder : Path, optional
        Where the run is written as it goes; it exists.
    progress : callable, optional
        Told where time stands, in ms.

    Raises
    ------
    KeyboardInterrupt
        If somebody interrupted it; the log says so and can be read.
    """
    session = Session(setting, seed, folder, responder=name, twin=twin)
    try:
        drive(session, responder, progress)
    except KeyboardInterrupt:
        session.interrupt("interrupted")
        session.finish()
        raise
    return session.finish()


def twin(setting: Setting, seed: int, which: str, folder: Path | None = None) -> Run:
    """One twin of a seed: `no-fault` or `none`."""
    return play(setting, seed, twin=which, folder=folder)


class Beside:
    """The twins of a run, each in a process of its own that shares the setting by fork.

    Parameters
    ----------
    setting : Setting
    seed : int
    folder : Path
        The run's; the twins' lie in `twins/` below it.
    """

    def __init__(self, setting: Setting, seed: int, folder: Path) -> None:
        self._folder = folder / "twins"
        context = multiprocessing.get_context("fork")
        self._processes = {}
        for which in TWINS:
            (self._folder / which).mkdir(parents=True)
            self._processes[which] = context.Process(
                target=_alone, args=(setting, seed, which, self._folder / which)
            )
        # A signal waits until the child has its own handlers: with its parent's it would go on
        # as the parent would.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            for process in self._processes.values():
                process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def wait(self) -> dict[str, Run]:
        """Wait for them, and read them.

        Raises
        ------
        TwinFailed
        """
        for which, process in self._processes.items():
            process.join()
            if process.exitcode:
                code = process.exitcode
                why = os.strerror(code) if code > 1 else f"it ended with exit code {code}"
                raise TwinFailed(f"the twin {which!r}: {why}")
        return {which: Run.open(self._folder / which) for which in TWINS}

    def stop(self) -> None:
        """End them."""
        for process in self._processes.values():
            if process.is_alive():
                process.terminate()
            process.join()


def _alone(setting: Setting, seed: int, which: str, folder: Path) -> None:
    # An interrupt is for the run; it ends its twins itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    try:
        twin(setting, seed, which, folder)
    except OSError as error:
        # Nothing of ours is wrong: the run says in one line why there is no twin.
        os._exit(error.errno or 1)
    os._exit(0)
