"""A run's folder: its event log, series and inputs.

::

    log.jsonl     one event a line, written as the run goes
    series.npz    the scraped series, and the objectives' true values at every scrape
    inputs/       every input file, resolved
    twins/        runs of the same seed with one difference
    scores.json  report.html  postmortem.md

Scores and reports read the log alone. Kinds of events, with the keys of their data (`truth`:
never visible through a door):

============ ======== ==========================================================
kind         who      data
============ ======== ==========================================================
header       run      format, scenario, version, seed, plays, twin, times, objectives
phase        director name: warm-up, baseline, injects, end (with the tally of requests)
                      · truth
inject       director id, type (fault, change, message), name, target, args · truth
landed       world    fault (the inject's id), name, units · truth
missed       world    fault, name, why: the reason why a fault has not landed · truth
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
look         player   expr, error (of a query without a result)
refused      player   action, why: an invalid order, without any effect
interrupted  run      reason
end          director reason
============ ======== ==========================================================
"""

import hashlib
import math
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

FORMAT = 1
# Queries, and the version of the program, are not part of what happened.
OUTSIDE_DIGEST = frozenset({"header", "look", "refused", "interrupted"})
GROUND_TRUTH = frozenset({"inject", "landed", "missed", "ended", "objective", "debt", "phase"})
# Twins, by their folders' names; `leave_one_out_name` names those without one fault.
NO_FAULT, NONE = "no-fault", "none"


def leave_one_out_name(fault: str) -> str:
    """The name of the twin with the run's orders and all its faults but one.

    Examples
    --------
    >>> leave_one_out_name("slow-build")
    'without-slow-build'
    """
    return f"without-{fault}"


class RunError(Exception):
    """A run's folder that cannot be read or must not be overwritten."""


class Event(NamedTuple):
    """One event of the log."""

    t: int
    kind: str
    who: str
    data: Mapping[str, Any]


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
        return float(f"{number:.9g}") if math.isfinite(number) else str(number)
    if isinstance(value, Mapping):
        return {str(key): normalize(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [normalize(item) for item in value]
    return str(value)


class Log:
    """An append-only log of events in memory and, given a path, on disk.

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
        """Append an event, and flush it to disk."""
        event = Event(t, kind, who, normalize(data))
        self.events.append(event)
        line = msgspec.json.encode({"t": t, "kind": kind, "who": who, **event.data}) + b"\n"
        if kind not in OUTSIDE_DIGEST:
            self._hash.update(line)
        if self._file:
            self._file.write(line)
            self._file.flush()

    @property
    def digest(self) -> str:
        """The hash of the events so far, except those outside it: 16 hex digits."""
        return self._hash.hexdigest()[:16]

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()
            self._file = None


class Run:
    """A run, as read by scores and reports.

    Attributes
    ----------
    header : mapping
        The log's first event: scenario, seed, times in ms, objectives.
    series : mapping of str to ndarray
        The arrays of `telemetry.store.Store.arrays`; empty if the run was interrupted.
    truth_times : ndarray, shape (scrapes,), ms
    truth : mapping of str to ndarray, shape (scrapes,)
        The objectives' true values, and `burnt:NAME`, the budget that each has burnt so far.
    twins : mapping of str to Run
        `no-fault` and `none`; for several faults also `without-ID` each.
    """

    def __init__(
        self,
        events: list[Event],
        series: Mapping[str, NDArray[Any]],
        truth_times: NDArray[np.int64],
        truth: Mapping[str, NDArray[np.float64]],
        digest: str,
        twins: "Mapping[str, Run] | None" = None,
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
        """The events of these kinds, in order."""
        return (event for event in self.events if event.kind in kinds)

    @property
    def complete(self) -> bool:
        """Whether the drill reached its end."""
        return bool(self.events) and self.events[-1].kind == "end"

    @classmethod
    def open(cls, folder: Path, twins: bool = True) -> Self:
        """Read a run's folder.

        Raises
        ------
        RunError
            If there is no run, or its format is unknown.
        """
        path = folder / "log.jsonl"
        if not path.is_file():
            raise RunError(f"{folder}: not a run's folder: it has no log.jsonl")
        log, content = Log(), path.read_bytes()
        lines = content.splitlines()
        for number, line in enumerate(lines, 1):
            event = _parse_event(line)
            if event is not None:
                log.write(event.t, event.kind, event.who, **event.data)
            # The last line of a killed run may be truncated; anything else is damage.
            elif number == 1 or number < len(lines) or content.endswith(b"\n"):
                raise RunError(f"{path}:{number}: not a valid event")
        if not log.events or log.events[0].kind != "header":
            raise RunError(f"{path}:1: the log has no header")
        version = log.events[0].data.get("format")
        if version != FORMAT:
            raise RunError(f"{path}:1: format {version}; this program reads format {FORMAT}")
        series, times, truth = _read_series(folder / "series.npz")
        # A twin without series was stopped together with its run: it is no comparison.
        complete = sorted(folder.glob("twins/*/series.npz")) if twins else []
        by_name = {path.parent.name: cls.open(path.parent, twins=False) for path in complete}
        return cls(log.events, series, times, truth, log.digest, by_name, folder)


def _parse_event(line: bytes) -> Event | None:
    """The event of a line of a log; None if it is not valid."""
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
    """Write series.npz atomically."""
    arrays: dict[str, NDArray[Any]] = dict(series)
    arrays["truth/times"] = truth_times
    for name, values in truth.items():
        arrays[f"truth/{name}"] = values
    with atomic_write(folder / "series.npz") as part, part.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with atomic_write(path) as part:
        part.write_text(text, encoding="utf-8")


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A temporary path that becomes the file at the end; a full disk leaves no partial file."""
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
    # numpy takes any other content for a pickle, and advises to load it unsafely.
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, zlib.error):
        raise RunError(f"{path}: not a valid series file: it is damaged") from None
    truth = {name[6:]: arrays.pop(name) for name in list(arrays) if name.startswith("truth/")}
    return arrays, times, truth


def make_folder(folder: Path, force: bool = False) -> None:
    """Make an empty folder for a run.

    Raises
    ------
    RunError
        If the folder holds a run and `force` is not set, or holds anything else.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "log.jsonl").is_file():
            raise RunError(f"{folder}: is not empty and has no run; choose another with --out")
        if not force:
            raise RunError(
                f"{folder}: contains a run; replace it with --force, or choose another with --out"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
