"""Playing a drill, and its twins: runs of the same seed with one difference, to compare it with.

`no-fault` has no faults and no responder: the faults did not cause its breaches. `none` has the
faults and no responder: a fault caused the alerts that fire there and not in `no-fault`. If there
are several faults, `without-ID` has the run's own orders and all faults but that one: the fault
caused the breaches of the run that `without-ID` does not have. Named random streams make them all
comparable draw by draw.

`without-ID` has the orders so that it differs from the run in one thing only. Without a responder
it would differ in two, and an earlier fault, which only the responder mitigated, would already have
broken what a later fault breaks. The orders are replayed open loop, at their times in the run; an
order that is impossible without the fault fails.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from simulator.responders import Responder, drive
from simulator.responders.replay import Replay
from simulator.run import NO_FAULT, NONE, Run, RunError, leave_one_out_name
from simulator.session import Session
from simulator.setting import Setting

TWINS = (NO_FAULT, NONE)
# A run and its `none` twin take one processor each; so do two of the later twins.
MAX_PROCESSES = 2
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
    responder : Responder or None
        None for nobody.
    name : str
        The responder's name, for the log.
    twin : str
        `no-fault` leaves out the faults, `without-ID` one of them.
    folder : Path, optional
        An existing folder for the run's files.
    progress : callable, optional
        Called with the simulated time, ms.

    Raises
    ------
    KeyboardInterrupt
        If the drill was interrupted; the log has an event for it, and is readable.
    """
    session = Session(setting, seed, folder, responder=name, twin=twin)
    try:
        drive(session, responder, progress)
    except KeyboardInterrupt:
        session.interrupt("interrupted")
        session.finish()
        raise
    return session.finish()


def play_twin(
    setting: Setting,
    seed: int,
    name: str,
    folder: Path | None = None,
    run: Run | None = None,
    progress: Progress | None = None,
) -> Run:
    """Play one twin: `no-fault` or `none`, or `without-ID` with the orders of a run."""
    if run is None:
        return play(setting, seed, twin=name, folder=folder, progress=progress)
    responder, replay = run.header["responder"], Replay(run)
    return play(setting, seed, replay, name=responder, twin=name, folder=folder, progress=progress)


def leave_one_out_names(run: Run) -> tuple[str, ...]:
    """The names of the twins without one of the run's faults; empty for a single fault.

    A fault that was never injected has no twin: the run is without it already.
    """
    faults = [e.data["id"] for e in run.of("inject") if e.data["type"] == "fault"]
    return tuple(leave_one_out_name(fault) for fault in faults) if len(faults) > 1 else ()


class TwinPool:
    """Twins of a run in at most two processes, which share the setting by fork.

    Parameters
    ----------
    folder : Path
        The run's; the twins' folders are in `twins/` below it.
    run : Run, optional
        A finished run, for its `without-ID` twins. By default the pool plays the twins without
        a responder, which need no run.
    """

    def __init__(self, setting: Setting, seed: int, folder: Path, run: Run | None = None) -> None:
        self._folder = folder / "twins"
        self._names = TWINS if run is None else leave_one_out_names(run)
        for name in self._names:
            (self._folder / name).mkdir(parents=True)
        context = multiprocessing.get_context("fork")
        # Each process plays its share one after another, so that no process is forked later, when
        # the progress bar has a thread.
        shares = [self._names[first::MAX_PROCESSES] for first in range(MAX_PROCESSES)]
        self._processes = {
            share: context.Process(
                target=_twin_process, args=(setting, seed, share, self._folder, run, os.getpid())
            )
            for share in shares
            if share
        }
        # Block signals until the child has its own handlers: with those of its parent it would
        # carry on as the parent does.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            try:
                for process in self._processes.values():
                    process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        except BaseException:
            self.stop()  # the caller never gets the pool, and cannot stop it
            raise

    def wait(self) -> dict[str, Run]:
        """Wait for the twins, and open them.

        Raises
        ------
        TwinFailed
        """
        for share, process in self._processes.items():
            process.join()
            if process.exitcode:
                code = process.exitcode
                why = os.strerror(code) if code > 1 else f"it ended with exit code {code}"
                raise TwinFailed(f"the twin {self._first_unfinished(share)!r}: {why}")
        return {name: Run.open(self._folder / name) for name in self._names}

    def stop(self) -> None:
        """Terminate the processes, and delete their partial files."""
        for process in self._processes.values():
            if process.pid is not None:
                process.terminate()
                process.join()
        for part in self._folder.rglob("*.part"):
            part.unlink(missing_ok=True)

    def _first_unfinished(self, share: Sequence[str]) -> str:
        """The first twin of a share without series, which are written last."""
        series = {name: self._folder / name / "series.npz" for name in share}
        return next((name for name in share if not series[name].is_file()), share[-1])


def _twin_process(
    setting: Setting, seed: int, names: Sequence[str], folder: Path, run: Run | None, parent: int
) -> None:
    def exit_if_orphaned(_: int) -> None:
        # A killed parent cannot stop its twins; they then have another parent.
        if os.getppid() != parent:
            os._exit(1)

    # An interrupt is for the run, which stops its twins itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    try:
        for name in names:
            play_twin(setting, seed, name, folder / name, run, exit_if_orphaned)
    except OSError as error:
        # Not an error of the program: the run reports in one line why there is no twin.
        os._exit(error.errno or 1)
    os._exit(0)
