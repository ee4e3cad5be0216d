"""Tasks in forked processes, one a core: what the parent has loaded is shared."""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable, Hashable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_fork = multiprocessing.get_context("fork")


def run_forked(
    tasks: Iterable[tuple[K, Callable[[], V]]], cores: int | None = None
) -> Iterator[tuple[K, V]]:
    """Run each task in its own process, `cores` at a time; yield results as they come.

    Raises
    ------
    AssertionError
        With the traceback of a task that ended without a result.
    """
    queue = iter(list(tasks))
    running: dict[Connection, tuple[K, Any]] = {}
    try:
        while True:
            while len(running) < (cores or os.cpu_count() or 1):
                try:
                    key, task = next(queue)
                except StopIteration:
                    break
                receiver, sender = _fork.Pipe(duplex=False)
                process = _fork.Process(target=_run, args=(task, sender))
                process.start()
                sender.close()
                running[receiver] = key, process
            if not running:
                return
            for receiver in wait(list(running)):
                assert isinstance(receiver, Connection)
                key, process = running.pop(receiver)
                try:
                    result, error = receiver.recv()
                except EOFError:
                    result, error = None, "the process ended without a result"
                process.join()
                if error:
                    raise AssertionError(f"{key}: {error}")
                yield key, result
    finally:
        for _, process in running.values():
            process.terminate()


def _run(task: Callable[[], Any], sender: Connection) -> None:
    try:
        result, error = task(), ""
    except BaseException:
        result, error = None, traceback.format_exc()
    sender.send((result, error))
    sender.close()
    os._exit(0)  # without the exit handlers of the parent
