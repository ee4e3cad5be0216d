"""Twins kept for the next run, in the user's cache.

::

    ~/.cache/ml-gameday/twins/KEY/    log.jsonl, series.npz

`$XDG_CACHE_HOME` is used in place of `~/.cache` where it is set. At most 300 twins and 500 MB are
kept; those that were not used for the longest time go first. Several processes may use the cache at
once: an entry appears whole, and one that does not match its seal is not used. A cache that cannot
be read or written only costs time.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from simulator.datasets.user_cache import cache_folder
from simulator.run.folder import RunError, atomic_write
from simulator.run.seal import check_seal

FILES = ("log.jsonl", "series.npz")  # the series last: with them a run is whole
MAX_ENTRIES = 300
MAX_BYTES = 500_000_000
Content = dict[str, bytes]  # by the names of files


class TwinCache:
    """Twins by their keys.

    Parameters
    ----------
    folder : Path, optional
        By default the user's.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder() / "twins"

    def load(self, key: str) -> Content | None:
        """A twin's files; None if it is not kept. A damaged entry is deleted."""
        entry = self.folder / key
        try:
            content = {name: (entry / name).read_bytes() for name in FILES}
            *lines, seal = content["log.jsonl"].splitlines(keepends=True) or [b""]
            check_seal(entry, lines, seal)
        except (OSError, RunError):
            shutil.rmtree(entry, ignore_errors=True)
            return None
        with suppress(OSError):
            os.utime(entry)  # the time of its last use
        return content

    def keep(self, key: str, folder: Path) -> None:
        """Copy a twin's files into the cache, and make room for them."""
        with suppress(OSError):
            self._write(key, {name: (folder / name).read_bytes() for name in FILES})
            self._evict()

    def _write(self, key: str, content: Content) -> None:
        part = self.folder / f"{key}-{os.getpid()}.part"
        part.mkdir(parents=True, exist_ok=True)
        try:
            for name in FILES:
                (part / name).write_bytes(content[name])
            part.rename(self.folder / key)
        finally:
            # Still there if the disk is full, or if another process was faster.
            shutil.rmtree(part, ignore_errors=True)

    def _evict(self) -> None:
        """Delete the least recently used entries above the limits."""
        entries = []
        for path in (path for path in self.folder.iterdir() if path.is_dir()):
            sizes = [file.stat().st_size for file in path.iterdir()]
            entries.append((path.stat().st_mtime, sum(sizes), path))
        count, total = len(entries), sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if count <= MAX_ENTRIES and total <= MAX_BYTES:
                return
            shutil.rmtree(path, ignore_errors=True)
            count, total = count - 1, total - size


def write_twin(content: Content, folder: Path) -> None:
    """Write a twin's files into a new folder."""
    folder.mkdir(parents=True)
    for name in FILES:
        with atomic_write(folder / name) as part:
            part.write_bytes(content[name])
