"""Twins in processes of their own, beside the run."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from simulator.play.cache import Content, TwinCache, write_twin
from simulator.play.keys import twin_key
from simulator.play.twins import Twin
from simulator.play.worker import PLAYED, SIGNALS, STARTED, TwinJob, play_jobs
from simulator.run import Run, RunError
from simulator.setting import Setting

MAX_PROCESSES = 2
# A forked process shares the setting; a spawned one gets a copy, 35 MB in 0.13 s.
METHOD = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
# Called with the number of twins that are ready, and of all.
Waiting = Callable[[int, int], None]


class TwinFailed(RunError):
    """A twin's process ended without a run."""


class TwinPool:
    """Twins of a run, in at most two processes; a context manager that stops them.

    Every process gets all jobs, and plays those whose folder it is the first to make.

    Parameters
    ----------
    folder : Path
        The run's; the twins' folders are in `twins/` below it.
    inputs : str
        The digest of the run's inputs, a part of the twins' keys in the cache; without it they are
        neither taken from the cache nor kept there.
    method : str
        `fork` or `spawn`.
    """

    def __init__(
        self, setting: Setting, seed: int, folder: Path, inputs: str = "", method: str = METHOD
    ) -> None:
        self._setting, self._seed, self._inputs = setting, seed, inputs
        self._folder, self._twins_folder = folder, folder / "twins"
        self._method = method
        self._cache = TwinCache()
        self._names: list[str] = []
        self._kept: dict[str, Content] = {}
        self._job_count = 0
        self._processes: dict[Connection, BaseProcess] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def add(self, twins: Iterable[Twin], run: Run | None = None) -> None:
        """Take twins from the cache, and start playing the others.

        Parameters
        ----------
        run : Run, optional
            The finished run whose orders the twins have, in the pool's folder.
        """
        jobs = []
        for twin in twins:
            self._names.append(twin.name)
            key = twin_key(self._inputs, self._seed, twin, run) if self._inputs else ""
            content = self._cache.load(key) if key else None
            if content is None:
                jobs.append(TwinJob(twin, key, of_run=run is not None))
            else:
                self._kept[twin.name] = content
        self._job_count += len(jobs)
        # Now, when no progress bar has a thread.
        while len(self._processes) < min(MAX_PROCESSES, self._job_count):
            self._start_process()
        if jobs:
            self._twins_folder.mkdir(exist_ok=True)
            for connection in self._processes:
                connection.send(jobs)

    def wait(self, progress: Waiting | None = None) -> dict[str, Run]:
        """Wait for the twins, and open them.

        Raises
        ------
        TwinFailed
        """
        for connection in self._processes:
            connection.send(None)
        ready, current = len(self._names) - self._job_count, dict.fromkeys(self._processes, "")
        while current:
            if progress:
                progress(ready, len(self._names))
            answering = wait(list(current))
            for connection in [c for c in current if c in answering]:
                try:
                    name, state = connection.recv()
                except (EOFError, ConnectionError):
                    _check_exit(self._processes[connection], current.pop(connection))
                    continue
                current[connection] = name
                ready += state == PLAYED
                if state not in (STARTED, PLAYED):
                    raise TwinFailed(f"the twin {name!r}: {state}")
        # Not before the run, which they would keep from a disk that is nearly full.
        for name, content in self._kept.items():
            write_twin(content, self._twins_folder / name)
        return {name: Run.open(self._twins_folder / name) for name in self._names}

    def stop(self) -> None:
        """Terminate the processes, and delete their partial files."""
        for process in self._processes.values():
            process.terminate()
            process.join()
        for part in self._twins_folder.rglob("*.part"):
            part.unlink(missing_ok=True)

    def _start_process(self) -> None:
        context = multiprocessing.get_context(self._method)
        ours, theirs = context.Pipe()
        process = context.Process(  # type: ignore[attr-defined]
            target=play_jobs,
            args=(self._setting, self._seed, self._folder, theirs, os.getpid()),
            daemon=True,
        )
        with _signals_blocked(self._method):
            process.start()
            self._processes[ours] = process
        theirs.close()  # so that its end is seen when the process ends


@contextmanager
def _signals_blocked(method: str) -> Iterator[None]:
    """Block signals until a new process has its own handlers.

    With those of its parent it would carry on as the parent does.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows has no such signals
        yield
        return
    if method == "spawn":
        resource_tracker.ensure_running()  # its start would unblock them
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _check_exit(process: BaseProcess, twin: str) -> None:
    process.join()
    if process.exitcode:
        raise TwinFailed(f"the twin {twin!r}: it ended with exit code {process.exitcode}")
