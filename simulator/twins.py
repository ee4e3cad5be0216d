"""Playing a drill, and the same seed again with one thing changed: the runs to grade against.

`no-fault` has no faults and nobody acting: what is breached there was not caused by them.
`none` has the faults and nobody acting: what fires there and not in `no-fault`, a fault
has caused. Where there are several faults, `without-ID` has the run's own orders and all
faults but that one: what is breached in the run and holds there, that fault has caused.
Named random streams make them all comparable draw by draw.

Why `without-ID` has the orders: it differs from the run in one thing then. With nobody acting it
would differ in two, and what a later fault breaks would be broken already by an earlier one
that only the responder mended. They are given open loop, at the times at which they were given in
the run; what cannot be done where that fault is not, fails.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from simulator.responders import Responder, drive
from simulator.responders.replay import Replay
from simulator.run import NO_FAULT, NONE, Run, RunError, without
from simulator.session import Session
from simulator.setting import Setting

TWINS = (NO_FAULT, NONE)
# A run and `none` beside it take one processor each; so do two at a time afterwards.
AT_A_TIME = 2
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
        `no-fault` leaves the faults out, `without-ID` one of them.
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


def twin(
    setting: Setting,
    seed: int,
    which: str,
    folder: Path | None = None,
    run: Run | None = None,
    progress: Progress | None = None,
) -> Run:
    """One twin of a seed: `no-fault` or `none`; given the run to answer as, `without-ID`."""
    if run is None:
        return play(setting, seed, twin=which, folder=folder, progress=progress)
    name, replay = run.header["responder"], Replay(run)
    return play(setting, seed, replay, name=name, twin=which, folder=folder, progress=progress)


def leaving_out(run: Run) -> tuple[str, ...]:
    """The twins in which one fault of a run is left out: none of a drill with a single one.

    A fault that was never injected is missing in the run already.
    """
    begun = [e.data["id"] for e in run.of("inject") if e.data["type"] == "fault"]
    return tuple(without(fault) for fault in begun) if len(begun) > 1 else ()


class Beside:
    """Twins of a run, at most two at a time, in processes that share the setting by fork.

    Parameters
    ----------
    setting : Setting
    seed : int
    folder : Path
        The run's; the twins' lie in `twins/` below it.
    run : Run, optional
        One that is over: its twins `without-ID`. By default those in which nobody acts, which
        need no run to begin.
    """

    def __init__(self, setting: Setting, seed: int, folder: Path, run: Run | None = None) -> None:
        self._folder = folder / "twins"
        self._names = TWINS if run is None else leaving_out(run)
        for which in self._names:
            (self._folder / which).mkdir(parents=True)
        context = multiprocessing.get_context("fork")
        # Each process plays its share one by one: none is forked later, beside the thread of
        # a progress bar.
        shares = [self._names[first::AT_A_TIME] for first in range(AT_A_TIME)]
        self._processes = {
            share: context.Process(
                target=_alone, args=(setting, seed, share, self._folder, run, os.getpid())
            )
            for share in shares
            if share
        }
        # A signal waits until the child has its own handlers: with its parent's it would go on
        # as the parent would.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            try:
                for process in self._processes.values():
                    process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        except BaseException:
            self.stop()  # nobody else can: whoever asked for them never gets them
            raise

    def wait(self) -> dict[str, Run]:
        """Wait for them, and read them.

        Raises
        ------
        TwinFailed
        """
        for share, process in self._processes.items():
            process.join()
            if process.exitcode:
                code = process.exitcode
                why = os.strerror(code) if code > 1 else f"it ended with exit code {code}"
                raise TwinFailed(f"the twin {self._unfinished(share)!r}: {why}")
        return {which: Run.open(self._folder / which) for which in self._names}

    def stop(self) -> None:
        """End them."""
        for process in self._processes.values():
            if process.pid is not None:
                process.terminate()
                process.join()
        for part in self._folder.rglob("*.part"):  # what they were writing is no file
            part.unlink(missing_ok=True)

    def _unfinished(self, share: Sequence[str]) -> str:
        """The first of a share that has no series: they are written last."""
        left = (one for one in share if not (self._folder / one / "series.npz").is_file())
        return next(left, share[-1])


def _alone(
    setting: Setting, seed: int, share: Sequence[str], folder: Path, run: Run | None, parent: int
) -> None:
    def tell(_: int) -> None:
        # Whoever asked for a twin may be killed and end nobody: it is then another's child.
        if os.getppid() != parent:
            os._exit(1)

    # An interrupt is for the run; it ends its twins itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    try:
        for which in share:
            twin(setting, seed, which, folder / which, run, tell)
    except OSError as error:
        # Nothing of ours is wrong: the run says in one line why there is no twin.
        os._exit(error.errno or 1)
    os._exit(0)
