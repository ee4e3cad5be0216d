"""What a process of a pool does: it plays twins, and reports each."""

import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from simulator.play.cache import TwinCache
from simulator.play.twins import Twin, play_twin
from simulator.run import Run, RunError
from simulator.setting import Setting

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Reports of a twin; any other is the reason why it failed.
STARTED, PLAYED = "started", "played"
# How often a process without a job looks whether its parent is still there.
POLL_SECONDS = 1.0


class TwinJob(NamedTuple):
    """A twin to play, its key in the cache, and whether it follows from the finished run."""

    twin: Twin
    key: str
    of_run: bool


def play_jobs(
    setting: Setting, seed: int, folder: Path, connection: Connection, parent: int
) -> None:
    """Play the jobs that come through a connection, until None comes or the parent is gone."""

    def exit_if_orphaned(_: int) -> None:
        # A killed parent cannot stop its twins; they then have another parent.
        if os.getppid() != parent:
            os._exit(1)

    # An interrupt is for the run, which stops its twins itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    cache, run = TwinCache(), None
    name = ""
    try:
        while True:
            # A forked process has its parent's ends of the pipes too: no end of file tells it.
            while not connection.poll(POLL_SECONDS):
                exit_if_orphaned(0)
            if (jobs := connection.recv()) is None:
                break
            for twin, key, of_run in jobs:
                name, path = twin.name, folder / "twins" / twin.name
                try:
                    path.mkdir()
                except FileExistsError:
                    continue  # the other process plays it
                connection.send((name, STARTED))
                if of_run and run is None:
                    run = Run.open(folder, twins=False)
                play_twin(
                    setting, seed, twin, run if of_run else None,
                    folder=path, progress=exit_if_orphaned,
                )  # fmt: skip
                if key:
                    cache.keep(key, path)
                connection.send((name, PLAYED))
    except (EOFError, ConnectionError):
        os._exit(1)  # the parent is gone
    except (OSError, RunError) as error:
        # Not an error of the program: the run reports in one line why there is no twin.
        text = error.strerror if isinstance(error, OSError) else str(error)
        connection.send((name, text or str(error)))
    os._exit(0)
