"""Reading other people's files in bounded memory: blocks of whole lines, inflated with care."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

# Its table takes some ten times as much while it is looked at.
BLOCK = 4 * 2**20
# A table of numbers shrinks three to twentyfold; what inflates a hundredfold is a trap.
RATIO = 100
HARMLESS = 64 * 2**20
LARGEST = 16 * 2**30
COMPRESSED = (".gz", ".bz2", ".xz", ".zip")
_BROKEN = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile)


class Unreadable(ValueError):
    """A file that cannot be read as a table; the message says why."""


class Bounded:
    """A stream that refuses to inflate beyond all measure.

    Parameters
    ----------
    stream : binary file
        What comes out of the decompressor.
    size : int, bytes
        Of the file as it lies on the disk.
    compressed : bool

    Examples
    --------
    >>> import io
    >>> Bounded(io.BytesIO(b"a,b"), 3, False).read(2)
    b'a,'
    """

    def __init__(self, stream: IO[bytes], size: int, compressed: bool) -> None:
        self._stream = stream
        self.bound = min(LARGEST, max(HARMLESS, RATIO * size)) if compressed else LARGEST
        self.size, self.total, self.compressed = size, 0, compressed

    def read(self, count: int) -> bytes:
        """At most so many bytes; none at the end.

        Raises
        ------
        Unreadable
            If more came out than an honest file holds, or it is damaged.
        """
        try:
            found = self._stream.read(count)
        except (*_BROKEN, OSError) as error:
            raise Unreadable(f"is damaged: {error}") from None
        self.total += len(found)
        if self.total > self.bound and self.compressed:
            large, small = self.bound / 2**20, self.size / 2**20
            raise Unreadable(
                f"inflates from {small:.1f} MiB to more than {large:,.0f} MiB; "
                "unpack it yourself if that is meant"
            )
        if self.total > self.bound:
            raise Unreadable(f"is larger than {LARGEST / 2**30:g} GiB")
        return found


@contextmanager
def opened(path: Path) -> Iterator[Bounded]:
    """A file's bytes, inflated if its name says that it is compressed.

    Raises
    ------
    Unreadable
        If it is no such file, or a zip archive of several.
    """
    suffix = path.suffix.lower()
    size = path.stat().st_size
    try:
        if suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                names = [one.filename for one in archive.infolist() if not one.is_dir()]
                if len(names) != 1:
                    raise Unreadable(f"holds {len(names)} files, expected one")
                with archive.open(names[0]) as stream:
                    yield Bounded(stream, size, True)
            return
        made: dict[str, Callable[[Path], Any]] = {
            ".gz": gzip.open,
            ".bz2": bz2.open,
            ".xz": lzma.open,
        }
        with made.get(suffix, partial(Path.open, mode="rb"))(path) as stream:
            yield Bounded(stream, size, suffix in COMPRESSED)
    except (*_BROKEN, OSError) as error:
        raise Unreadable(f"is damaged: {error}") from None


def lines(stream: Bounded, block: int = BLOCK) -> Iterator[bytes]:
    """Blocks of whole lines, in order.

    A block ends after a line, and never inside of a quoted text that has line breaks.

    Raises
    ------
    Unreadable
        If one line is longer than a block.

    Examples
    --------
    >>> import io
    >>> list(lines(Bounded(io.BytesIO(b'a\\n"b\\nc"\\nd'), 9, False), block=4))
    [b'a\\n', b'"b\\nc"\\n', b'd']
    """
    rest = b""
    while more := stream.read(block):
        rest += more
        end = rest.rfind(b"\n") + 1
        while end and rest.count(b'"', 0, end) % 2:
            end = rest.rfind(b"\n", 0, end - 1) + 1
        if end:
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > 4 * block:
            raise Unreadable(f"has a line of more than {4 * block / 2**20:g} MiB")
    if rest:
        yield rest
