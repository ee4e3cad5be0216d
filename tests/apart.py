"""Work in processes of its own, on every core; what is loaded already is shared by fork."""

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


def apart(
    tasks: Iterable[tuple[K, Callable[[], V]]], cores: int | None = None
) -> Iterator[tuple[K, V]]:
    """Do each task in a process of its own, `cores` at a time; results as they come.

    Raises
    ------
    AssertionError
        With the traceback of a task that ended without a result.
    """
    left = iter(list(tasks))
    under_way: dict[Connection, tuple[K, Any]] = {}
    try:
        while True:
            while len(under_way) < (cores or os.cpu_count() or 1):
                try:
                    key, task = next(left)
                except StopIteration:
                    break
                ours, theirs = _fork.Pipe(duplex=False)
                process = _fork.Process(target=_run, args=(task, theirs))
                process.start()
                theirs.close()
                under_way[ours] = key, process
            if not under_way:
                return
            for ours in wait(list(under_way)):
                assert isinstance(ours, Connection)
                key, process = under_way.pop(ours)
                try:
                    result, error = ours.recv()
                except EOFError:
                    result, error = None, "it ended without a word"
                process.join()
                if error:
                    raise AssertionError(f"{key}: {error}")
                yield key, result
    finally:
        for _, process in under_way.values():
            process.terminate()


def _run(task: Callable[[], Any], theirs: Connection) -> None:
    try:
        result, error = task(), ""
    except BaseException:
        result, error = None, traceback.format_exc()
    theirs.send((result, error))
    theirs.close()
    os._exit(0)  # of what the parent would do at its end, nothing
