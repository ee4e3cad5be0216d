"""The log: append-only, typed, with a digest."""

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec
import numpy as np

from simulator.run import events
from simulator.run.events import Event
from simulator.run.header import Header

AnyEvent = (
    Header | events.PhaseEvent | events.InjectEvent | events.DroppedEvent | events.NeedEvent
    | events.LandedEvent | events.MissedEvent | events.EndedEvent | events.ObjectiveEvent
    | events.DebtEvent | events.LineEvent | events.AlertEvent | events.NotificationEvent
    | events.PageEvent | events.MessageEvent | events.OrderEvent | events.ActionEvent
    | events.LookEvent | events.RefusedEvent | events.StepEvent | events.ResponderEvent
    | events.InterruptedEvent | events.EndEvent
)  # fmt: skip
KINDS: tuple[type[Event], ...] = get_args(AnyEvent)
_DECODER: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def normalize(value: Any) -> Any:
    """A value in the log's form: plain types, floats of 9 significant digits.

    Across processors exp and matmul differ in the last bits; nine digits hide the difference.

    Examples
    --------
    >>> normalize({"p": 1 / 3, "n": np.int64(2), "rows": (1, 2)})
    {'p': 0.333333333, 'n': 2, 'rows': [1, 2]}
    """
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        # A lone surrogate, at the end of a truncated text for example, cannot be encoded.
        return str(value) if value.isascii() else value.encode(errors="replace").decode()
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        return float(f"{number:.9g}") if math.isfinite(number) else None
    if isinstance(value, Mapping):
        return {str(key): normalize(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [normalize(item) for item in value]
    return str(value)


def encode(event: Event) -> bytes:
    """An event as a line of a log, without its line feed."""
    return msgspec.json.encode(normalize(msgspec.to_builtins(event, enc_hook=normalize)))


def decode(line: bytes) -> AnyEvent:
    """The event of a line of a log.

    Raises
    ------
    msgspec.DecodeError
        If it is not valid; the text names the field.

    Examples
    --------
    >>> decode(b'{"kind": "debt", "t": 5000, "who": "world", "name": "backlog", "state": "owed"}')
    DebtEvent(t=5000, who='world', name='backlog', state='owed')
    """
    return _DECODER.decode(line)


class Log:
    """An append-only log of events in memory and, given a path, on disk.

    Examples
    --------
    >>> log = Log()
    >>> log.write(events.LineEvent(5000, "serving", "INFO", "ready"))
    >>> [event.kind for event in log.events]
    ['line']
    """

    def __init__(self, path: Path | None = None) -> None:
        self.events: list[Event] = []
        self._hash = hashlib.sha256()
        self._hash_of_all = hashlib.sha256()
        self._file = path.open("wb") if path else None

    def write(self, event: Event) -> None:
        """Append an event, in the log's form, and flush it to disk."""
        line = encode(event)
        # The event as a reader of the file will have it.
        self.append(decode(line), line + b"\n")

    def append(self, event: Event, line: bytes) -> None:
        """Append an event whose line is known."""
        self.events.append(event)
        if event.in_digest:
            self._hash.update(line)
        self._hash_of_all.update(line)
        self._to_disk(line)

    def write_line(self, line: bytes) -> None:
        """Write a line that is no event."""
        self._to_disk(line + b"\n")

    def hash_with(self, text: bytes) -> str:
        """The SHA-256 of all lines of events so far, followed by a text."""
        total = self._hash_of_all.copy()
        total.update(text)
        return total.hexdigest()

    @property
    def digest(self) -> str:
        """The hash of the events so far, except those outside it: 16 hex digits."""
        return self._hash.hexdigest()[:16]

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()
            self._file = None

    def _to_disk(self, line: bytes) -> None:
        if self._file:
            self._file.write(line)
            self._file.flush()
