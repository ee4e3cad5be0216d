"""A run: its typed events, its series, its twins."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.run.events import EndEvent, Event
from simulator.run.folder import RunError, read_series
from simulator.run.header import FORMAT, Header
from simulator.run.log import Log, decode
from simulator.run.seal import START, check_seal

Kind = TypeVar("Kind", bound=Event)
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


class Run:
    """A run, as read by scores and reports.

    Attributes
    ----------
    header : Header
        The log's first event.
    events : list of Event
        All others, in order.
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
        events: Sequence[Event],
        series: Mapping[str, NDArray[Any]],
        truth_times: NDArray[np.int64],
        truth: Mapping[str, NDArray[np.float64]],
        digest: str,
        twins: "Mapping[str, Run] | None" = None,
        folder: Path | None = None,
    ) -> None:
        if not events or not isinstance(events[0], Header):
            raise RunError("the log has no header")
        self.header = events[0]
        self.events = list(events[1:])
        self.series = series
        self.truth_times = truth_times
        self.truth = truth
        self.digest = digest
        self.twins = dict(twins or {})
        self.folder = folder
        self._by_kind: dict[type[Event], list[Event]] = {}
        for event in self.events:
            self._by_kind.setdefault(type(event), []).append(event)

    def of(self, kind: type[Kind]) -> list[Kind]:
        """The events of a kind, in order."""
        return cast("list[Kind]", self._by_kind.get(kind, []))

    @property
    def complete(self) -> bool:
        """Whether the drill reached its end."""
        return bool(self.events) and isinstance(self.events[-1], EndEvent)

    @classmethod
    def open(cls, folder: Path, twins: bool = True) -> Self:
        """Read a run's folder.

        Raises
        ------
        RunError
            If there is no run, if its format is unknown, or if a file is not as it was written.
        """
        log = _read_log(folder)
        series, times, truth = read_series(folder / "series.npz")
        # A twin without series was stopped together with its run: it is no comparison.
        complete = sorted(folder.glob("twins/*/series.npz")) if twins else []
        by_name = {path.parent.name: cls.open(path.parent, twins=False) for path in complete}
        for name, twin in by_name.items():
            _check_twin(folder / "twins" / name, log.events[0], twin.header)
        return cls(log.events, series, times, truth, log.digest, by_name, folder)


class _Start(msgspec.Struct):
    """The start of any format's header."""

    kind: str = ""
    format: int | None = None


def _read_log(folder: Path) -> Log:
    path = folder / "log.jsonl"
    if not path.is_file():
        raise RunError(f"{folder}: not a run's folder: it has no log.jsonl")
    log, content = Log(), path.read_bytes()
    lines = content.splitlines(keepends=True)
    _check_format(path, lines)
    seal = lines.pop() if lines[-1].startswith(START) and content.endswith(b"\n") else None
    for number, line in enumerate(lines, 1):
        try:
            log.append(decode(line), line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if line.startswith(START) and number < len(lines):
                raise RunError(f"{path}: was edited: it goes on after its seal") from None
            # The last line of a killed run may be truncated; anything else is damage.
            if number == 1 or number < len(lines) or content.endswith(b"\n"):
                raise RunError(f"{path}:{number}: not a valid event: {error}") from None
    check_seal(folder, lines, seal)
    return log


def _check_twin(folder: Path, header: Event, other: Header) -> None:
    """Refuse a twin of another run."""
    assert isinstance(header, Header)
    ours, theirs = ((h.scenario, h.version, h.seed) for h in (header, other))
    if ours != theirs:
        text = f"{other.scenario}, version {other.version}, seed {other.seed}"
        raise RunError(f"{folder}: not a twin of this run, but of {text}")


def _check_format(path: Path, lines: Sequence[bytes]) -> None:
    try:
        start = msgspec.json.decode(lines[0] if lines else b"{}", type=_Start)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RunError(f"{path}:1: not a valid event: {error}") from None
    if start.kind != "header":
        raise RunError(f"{path}:1: the log has no header")
    if start.format != FORMAT:
        text = f"format {start.format}; this program reads format {FORMAT}: run the drill again"
        raise RunError(f"{path}:1: {text}")
