"""Bases kept for the next command, in memory and in the user's cache.

::

    ~/.cache/ml-gameday/bases/KEY      a hash of the rest, and the rest: a pickle

A pickle can run code, so only files are read that this user wrote and nobody else may write, in the
user's own cache; never anything from a run's folder. A cache that cannot be read or written only
costs time. At most eight bases are kept on disk, 35 MB each, and four in memory.
"""

import hashlib
import os
import pickle
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from simulator.datasets.user_cache import cache_folder
from simulator.setting.pipeline_base import PipelineBase

MAX_FILES = 8
MAX_IN_MEMORY = 4
HASH_BYTES = 32
_in_memory: dict[str, PipelineBase] = {}


def cached_base(key: str, make: Callable[[], PipelineBase]) -> PipelineBase:
    """The base of a key: from memory, else from disk, else made and kept."""
    base = _in_memory.pop(key, None) or _load(key)
    if base is None:
        base = make()
        _keep(key, base)
    _in_memory[key] = base  # the last used one comes last
    while len(_in_memory) > MAX_IN_MEMORY:
        del _in_memory[next(iter(_in_memory))]
    return base


def bases_folder() -> Path:
    """Where bases are kept."""
    return cache_folder() / "bases"


def _load(key: str) -> PipelineBase | None:
    path = bases_folder() / key
    try:
        if not (_is_own(path.parent) and _is_own(path)):
            return None
        content = path.read_bytes()
        if hashlib.sha256(content[HASH_BYTES:]).digest() != content[:HASH_BYTES]:
            return None
        base = pickle.loads(memoryview(content)[HASH_BYTES:])
        os.utime(path)  # the time of its last use
    except (OSError, ValueError, EOFError, AttributeError, ImportError, pickle.UnpicklingError):
        return None
    return base if isinstance(base, PipelineBase) else None


def _is_own(path: Path) -> bool:
    """Whether a file or folder is this user's, and nobody else may write it."""
    if not hasattr(os, "getuid"):
        return True
    status = path.lstat()
    others = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return status.st_uid == os.getuid() and not others and not stat.S_ISLNK(status.st_mode)


def _keep(key: str, base: PipelineBase) -> None:
    folder = bases_folder()
    with suppress(OSError, pickle.PicklingError, AttributeError, TypeError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _is_own(folder):
            return
        content = pickle.dumps(base, protocol=pickle.HIGHEST_PROTOCOL)
        part = folder / f"{key}-{os.getpid()}.part"
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            part.rename(folder / key)
        finally:
            part.unlink(missing_ok=True)
        _evict(folder)


def _evict(folder: Path) -> None:
    """Delete the least recently used files above the limit."""
    files = [path for path in folder.iterdir() if path.suffix != ".part"]
    files.sort(key=lambda path: path.stat().st_mtime)
    for path in files[: max(0, len(files) - MAX_FILES)]:
        path.unlink(missing_ok=True)
