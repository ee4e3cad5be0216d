"""A run's folder: what happened, what was measured and what went in.

::

    log.jsonl     one event a line, written as the run goes
    series.npz    what was scraped, and the objectives' true values at every scrape
    inputs/       every resolved file as it was used
    twins/        runs of the same seed with one thing changed
    scores.json  report.html  postmortem.md

The log is the only thing that scores and reports read. Kinds of events, with the keys of
their data (`truth`: never shown through a door):

============ ======== ==========================================================
kind         who      data
============ ======== ==========================================================
header       run      format, scenario, version, seed, plays, twin, times, objectives
phase        director name: warm-up, baseline, injects, end (with the tally of requests)
                      · truth
inject       director id, type (fault, change, message), name, target, args · truth
landed       world    fault (the inject's id), name, units · truth
missed       world    fault, name, why: what a fault that has not landed did not find · truth
ended        world    fault, why (fact, for) · truth
objective    world    name, state (breached, held), value · truth
debt         world    name, state (owed, paid) · truth
line         part     level, text
alert        rule     alert, labels, state, value, annotations
notification receiver status, group, alerts
page         team     page, state (sent, delivered, unreached, acknowledged, escalated),
                      person, via (alert, person), alerts, about, text, by
message      sender   to, text
order        player   id, action, args, simulated
action       player   order, action, state (started, done, failed, unknown), note, result
look         player   expr, error (why there was no answer)
refused      player   action, why: an order that no session takes, and nothing happened
interrupted  run      reason
end          director reason
============ ======== ==========================================================
"""

from __future__ import annotations

import hashlib
import math
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

FORMAT = 1
# What a player looked at and which program wrote the log are no part of what happened.
OUTSIDE_DIGEST = frozenset({"header", "look", "refused", "interrupted"})
TRUTH = frozenset({"inject", "landed", "missed", "ended", "objective", "debt", "phase"})
# Twins, by their folders' names; those of single faults are named by `without`.
NO_FAULT, NONE = "no-fault", "none"


def without(fault: str) -> str:
    """The name of the twin that has the run's orders, and all its faults but one.

    Examples
    --------
    >>> without("slow-build")
    'without-slow-build'
    """
    return f"without-{fault}"


class RunError(Exception):
    """A run's folder that cannot be read or must not be written."""


class Event(NamedTuple):
    """One thing that happened."""

    t: int
    kind: str
    who: str
    data: Mapping[str, Any]


def tidy(value: Any) -> Any:
    """A value as the log keeps it: plain types, floats of 9 significant digits.

    Across processors exp and matmul differ in the last bits; nine digits hide that.

    Examples
    --------
    >>> tidy({"p": 1 / 3, "n": np.int64(2), "rows": (1, 2)})
    {'p': 0.333333333, 'n': 2, 'rows': [1, 2]}
    """
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        # Half of a character, as a cut off answer of a program ends with: no file can hold it.
        return value if value.isascii() else value.encode(errors="replace").decode()
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        return float(f"{number:.9g}") if math.isfinite(number) else str(number)
    if isinstance(value, Mapping):
        return {str(key): tidy(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [tidy(item) for item in value]
    return str(value)


class Log:
    """An append-only log of events, in memory and, given a path, on disk as it grows.

    Examples
    --------
    >>> log = Log()
    >>> log.write(5000, "line", "serving", level="INFO", text="ready")
    >>> [event.kind for event in log.events]
    ['line']
    """

    def __init__(self, path: Path | None = None) -> None:
        self.events: list[Event] = []
        self._hash = hashlib.sha256()
        self._file = path.open("wb") if path else None

    def write(self, t: int, kind: str, who: str, /, **data: Any) -> None:
        """Append one event; it is on disk when this returns."""
        event = Event(t, kind, who, tidy(data))
        self.events.append(event)
        line = msgspec.json.encode({"t": t, "kind": kind, "who": who, **event.data}) + b"\n"
        if kind not in OUTSIDE_DIGEST:
            self._hash.update(line)
        if self._file:
            self._file.write(line)
            self._file.flush()

    @property
    def digest(self) -> str:
        """Of all that happened so far, looks and header aside: 16 hex digits."""
        return self._hash.hexdigest()[:16]

    def close(self) -> None:
        """Let go of the file."""
        if self._file:
            self._file.close()
            self._file = None


class Run:
    """A run as scores and reports read it.

    Attributes
    ----------
    header : mapping
        The log's first event: scenario, seed, times in ms, objectives.
    events : list of Event
    series : mapping of str to ndarray
        The arrays of `telemetry.store.Store.arrays`; empty if the run was interrupted.
    truth_times : ndarray, shape (scrapes,), ms
    truth : mapping of str to ndarray, shape (scrapes,)
        The objectives' true values, and `burnt:NAME`, the budget each has burnt so far.
    twins : mapping of str to Run
        `no-fault` and `none`; of several faults `without-ID` each too.
    """

    def __init__(
        self,
        events: list[Event],
        series: Mapping[str, NDArray[Any]],
        truth_times: NDArray[np.int64],
        truth: Mapping[str, NDArray[np.float64]],
        digest: str,
        twins: Mapping[str, Run] | None = None,
        folder: Path | None = None,
    ) -> None:
        if not events or events[0].kind != "header":
            raise RunError("the log has no header")
        self.header = events[0].data
        self.events = events[1:]
        self.series = series
        self.truth_times = truth_times
        self.truth = truth
        self.digest = digest
        self.twins = dict(twins or {})
        self.folder = folder

    def of(self, *kinds: str) -> Iterator[Event]:
        """The events of some kinds, in order."""
        return (event for event in self.events if event.kind in kinds)

    @property
    def complete(self) -> bool:
        """Whether the drill came to its end."""
        return bool(self.events) and self.events[-1].kind == "end"

    @classmethod
    def open(cls, folder: Path, twins: bool = True) -> Run:
        """Read a run's folder.

        Raises
        ------
        RunError
            If there is none, or its format is not one that is known.
        """
        path = folder / "log.jsonl"
        if not path.is_file():
            raise RunError(f"{folder}: no run here (there is no log.jsonl)")
        log, content = Log(), path.read_bytes()
        lines = content.splitlines()
        for number, line in enumerate(lines, 1):
            event = _event(line)
            if event is not None:
                log.write(event.t, event.kind, event.who, **event.data)
            # The last line of a killed run may be cut off; anything else is damage.
            elif number == 1 or number < len(lines) or content.endswith(b"\n"):
                raise RunError(f"{path}:{number}: not an event")
        if not log.events or log.events[0].kind != "header":
            raise RunError(f"{path}:1: the log has no header")
        found = log.events[0].data.get("format")
        if found != FORMAT:
            raise RunError(f"{path}:1: format {found}; this program reads format {FORMAT}")
        series, times, truth = _read_series(folder / "series.npz")
        # Those without series were ended with a run that was cut off: they judge nothing.
        whole = sorted(folder.glob("twins/*/series.npz")) if twins else []
        others = {one.parent.name: cls.open(one.parent, twins=False) for one in whole}
        return cls(log.events, series, times, truth, log.digest, others, folder)


def _event(line: bytes) -> Event | None:
    """The event of a line of a log; None if it is none."""
    try:
        entry = msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    t, kind, who = (entry.pop(key, None) for key in ("t", "kind", "who"))
    if isinstance(t, int) and isinstance(kind, str) and isinstance(who, str):
        return Event(t, kind, who, entry)
    return None


def write_series(
    folder: Path,
    series: Mapping[str, NDArray[Any]],
    truth_times: NDArray[np.int64],
    truth: Mapping[str, NDArray[np.float64]],
) -> None:
    """Write series.npz whole or not at all."""
    arrays: dict[str, NDArray[Any]] = dict(series)
    arrays["truth/times"] = truth_times
    for name, values in truth.items():
        arrays[f"truth/{name}"] = values
    with whole_file(folder / "series.npz") as part, part.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Where to write what becomes a file once it is whole; a full disk leaves no half of one."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _read_series(
    path: Path,
) -> tuple[dict[str, NDArray[Any]], NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    if not path.is_file():
        return {}, np.zeros(0, np.int64), {}
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        times = arrays.pop("truth/times")
    # numpy takes what it does not know for a pickle, and says how to load that unsafely.
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, zlib.error):
        raise RunError(f"{path}: no series of ours: the file is damaged") from None
    truth = {name[6:]: arrays.pop(name) for name in list(arrays) if name.startswith("truth/")}
    return arrays, times, truth


def make_folder(folder: Path, force: bool = False) -> None:
    """Make an empty folder for a run.

    Raises
    ------
    RunError
        If the folder holds something already, and `force` is not given or what it holds
        is not a run.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "log.jsonl").is_file():
            raise RunError(f"{folder}: holds files that are not a run; --out names another folder")
        if not force:
            raise RunError(
                f"{folder}: holds a run already; --force replaces it, --out names another"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
