"""Evidence of a fault that players saw: what they looked at had moved, or an owner told them.

A look counts if its answer is not the one that the same look gets in the twin without any fault at
that time: another number of results, or another value. So nobody has to say beforehand which series
a fault moves. The text of a page is no look. A message counts if its sender had found the fault.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from simulator.analysis.run_record import RunRecord
from simulator.promql import Engine, PromQLError
from simulator.run.events import LineEvent, LookEvent, MessageEvent
from simulator.telemetry.re2_patterns import compile_pattern
from simulator.telemetry.store import SeriesStore

LOG = "log: "
# A smaller change may be the noise of a scrape after an order that has nothing to do with it.
MOVED_SHARE = 0.05
# What a specialist writes who found the fault in what is theirs.
FINDINGS = ("mended after", "is at fault")


class Evidence(NamedTuple):
    """A look or a message that shows a fault: when, ms, and its line in log.jsonl."""

    t: int
    line: int


class EvidenceFinder:
    """Finds what the graded players of a run saw of its faults.

    Parameters
    ----------
    record : RunRecord
    no_fault : RunRecord
        Its twin without any fault.
    """

    def __init__(self, record: RunRecord, no_fault: RunRecord) -> None:
        self._record, self._no_fault = record, no_fault

    @cached_property
    def seen(self) -> tuple[Evidence, ...]:
        """All evidence, in order of time."""
        return tuple(self._find())

    def _find(self) -> Iterator[Evidence]:
        header = self._record.header
        readers = {*header.graded_players, header.plays}
        # The log's first line is its header.
        for line, event in enumerate(self._record.run.events, 2):
            if isinstance(event, LookEvent) and event.who in header.graded_players:
                if self._shows_change(event):
                    yield Evidence(event.t, line)
            elif isinstance(event, MessageEvent) and event.to in readers and _is_finding(event):
                yield Evidence(event.t, line)

    def _shows_change(self, look: LookEvent) -> bool:
        if look.error or look.count is None:
            return False
        if look.expr.startswith(LOG):
            return self._finds_new_lines(look)
        try:
            result = self._engine.query(look.expr, look.t)
        except (PromQLError, ValueError):  # the log has long queries cut
            return False
        count = 1 if result.kind == "scalar" else len(result)
        if count != look.count:
            return True
        if not count or look.value is None:
            return False
        labels, value = result.first()
        return dict(labels) != dict(look.labels) or _differs(look.value, value)

    @cached_property
    def _engine(self) -> Engine:
        run = self._no_fault.run
        store = SeriesStore.from_arrays(run.series) if run.series else SeriesStore()
        return Engine(store, epoch=run.header.epoch)

    def _finds_new_lines(self, look: LookEvent) -> bool:
        """Whether a search matches lines since the first onset that the twin does not have."""
        try:
            regex = compile_pattern(look.expr.removeprefix(LOG))
        except ValueError:
            return False
        onset = min((onset.t for onset in self._record.onsets), default=0)
        return any(
            onset <= event.t <= look.t
            and (event.t, event.who, event.text) not in self._usual_lines
            and regex.search(f"{event.who} {event.level} {event.text}")
            for event in self._record.run.of(LineEvent)
        )

    @cached_property
    def _usual_lines(self) -> frozenset[tuple[int, str, str]]:
        lines = self._no_fault.run.of(LineEvent)
        return frozenset((event.t, event.who, event.text) for event in lines)


def _is_finding(message: MessageEvent) -> bool:
    return any(text in message.text for text in FINDINGS)


def _differs(value: float, usual: float) -> bool:
    """Whether a value is another one than usual; NaN is like NaN.

    Examples
    --------
    >>> nan = float("nan")
    >>> _differs(1.0, 1.01), _differs(1.0, 1.2), _differs(nan, nan), _differs(nan, 1.0)
    (False, True, False, True)
    """
    if value != value or usual != usual:
        return (value != value) != (usual != usual)
    return abs(value - usual) > MOVED_SHARE * max(abs(value), abs(usual))
