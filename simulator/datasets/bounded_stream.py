"""Bounded reading of untrusted files: blocks of whole lines, limited decompression."""

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

# The table of a block takes some ten times as much memory while it is parsed.
BLOCK = 4 * 2**20
# Tables of numbers compress three to twentyfold; a file that inflates a hundredfold is a trap.
MAX_RATIO = 100
# A compressed file may always inflate to this size.
HARMLESS = 64 * 2**20
MAX_BYTES = 16 * 2**30
COMPRESSED = (".gz", ".bz2", ".xz", ".zip")
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile)


class UnreadableTable(ValueError):
    """A file that cannot be read as a table; the message is the predicate of its name."""


class BoundedStream:
    """A stream with a limit of its bytes, relative to the compressed size if it is compressed.

    Parameters
    ----------
    stream : binary file
        The output of the decompressor.
    size : int, bytes
        Size of the file on disk.

    Examples
    --------
    >>> import io
    >>> BoundedStream(io.BytesIO(b"a,b"), 3, False).read(2)
    b'a,'
    """

    def __init__(self, stream: IO[bytes], size: int, compressed: bool) -> None:
        self._stream = stream
        self.limit = min(MAX_BYTES, max(HARMLESS, MAX_RATIO * size)) if compressed else MAX_BYTES
        self.size, self.total, self.compressed = size, 0, compressed

    def read(self, count: int) -> bytes:
        """At most `count` bytes; none at the end.

        Raises
        ------
        UnreadableTable
            If the total exceeds the limit, or the file is damaged.
        """
        try:
            chunk = self._stream.read(count)
        except (*_DAMAGE, OSError) as error:
            raise UnreadableTable(f"is damaged: {error}") from None
        self.total += len(chunk)
        if self.total > self.limit and self.compressed:
            large, small = self.limit / 2**20, self.size / 2**20
            raise UnreadableTable(
                f"inflates from {small:.1f} MiB to more than {large:,.0f} MiB; "
                "unpack it yourself if that is meant"
            )
        if self.total > self.limit:
            raise UnreadableTable(f"is larger than {MAX_BYTES / 2**30:g} GiB")
        return chunk


@contextmanager
def opened(path: Path) -> Iterator[BoundedStream]:
    """A file's bytes, decompressed if its suffix names a compression.

    Raises
    ------
    UnreadableTable
        If the file is damaged, or a zip archive of several files.
    """
    suffix = path.suffix.lower()
    size = path.stat().st_size
    try:
        if suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                names = [member.filename for member in archive.infolist() if not member.is_dir()]
                if len(names) != 1:
                    raise UnreadableTable(f"contains {len(names)} files, expected one")
                with archive.open(names[0]) as stream:
                    yield BoundedStream(stream, size, True)
            return
        openers: dict[str, Callable[[Path], Any]] = {
            ".gz": gzip.open,
            ".bz2": bz2.open,
            ".xz": lzma.open,
        }
        with openers.get(suffix, partial(Path.open, mode="rb"))(path) as stream:
            yield BoundedStream(stream, size, suffix in COMPRESSED)
    except (*_DAMAGE, OSError) as error:
        raise UnreadableTable(f"is damaged: {error}") from None


def line_blocks(stream: BoundedStream, block: int = BLOCK) -> Iterator[bytes]:
    """Blocks of whole lines, in order; no block ends inside a quoted text with line breaks.

    Raises
    ------
    UnreadableTable
        If a line is longer than four blocks.

    Examples
    --------
    >>> import io
    >>> stream = BoundedStream(io.BytesIO(b'a\\n"b\\nc"\\nd'), 9, False)
    >>> list(line_blocks(stream, block=4))
    [b'a\\n', b'"b\\nc"\\n', b'd']
    """
    rest = b""
    while chunk := stream.read(block):
        rest += chunk
        end = rest.rfind(b"\n") + 1
        while end and rest.count(b'"', 0, end) % 2:
            end = rest.rfind(b"\n", 0, end - 1) + 1
        if end:
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > 4 * block:
            raise UnreadableTable(f"has a line of more than {4 * block / 2**20:g} MiB")
    if rest:
        yield rest
