"""Progress of a response: a breach that eased, a debt that was paid, a correct claim of a cause."""

import numpy as np

from simulator.analysis.claims import TrueCauses, claimed_cause
from simulator.analysis.observable_impact import ObservableImpact
from simulator.analysis.order_records import OrderRecord
from simulator.analysis.run_record import RunRecord
from simulator.analysis.severity_path import Ranks, ladder_ranks
from simulator.analysis.truth import Times
from simulator.run.events import DebtEvent, InjectEvent


def progress_times(record: RunRecord) -> list[int]:
    """When a response made progress, ms, in order.

    A breach has eased if its objective holds again, or if the severity by the observable impact is
    lower, in either case for the hold at least.
    """
    truth, hold = record.truth, record.header.hold
    times = [event.t for event in record.run.of(DebtEvent) if event.state == "paid"]
    times += [t for t, order in record.done_times("diagnose") if _is_correct(record, order)]
    for held in truth.inside.values():
        times += lasting_falls(truth.times, (~held).astype(np.int64), hold)
    if record.header.ladder:
        ranks = ladder_ranks(ObservableImpact.of(truth), record.header.ladder)
        times += lasting_falls(truth.times, -ranks, hold)
    return sorted(times)


def settled_spans(record: RunRecord) -> list[tuple[int, int]]:
    """When every objective held, for the hold at least: from when until when, ms."""
    truth = record.truth
    edges = np.flatnonzero(np.diff(truth.all_inside.astype(np.int64), prepend=0, append=0))
    times = np.append(truth.times, record.end)
    spans = [(int(times[a]), int(times[b])) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(start, end) for start, end in spans if end - start >= record.header.hold]


def lasting_falls(times: Times, levels: Ranks, hold: int) -> list[int]:
    """When a level fell, and was nowhere higher within the hold.

    Parameters
    ----------
    times : ndarray, shape (scrapes,), ms
    levels : ndarray of int, shape (scrapes,)
    hold : int, ms

    Examples
    --------
    >>> lasting_falls(np.arange(0, 90, 15), np.array([2, 1, 2, 1, 0, 1]), hold=15)
    [45]
    """
    falls = np.flatnonzero(np.diff(levels) < 0) + 1
    ends = np.searchsorted(times, times[falls] + hold, "right")
    return [
        int(times[fall])
        for fall, end in zip(falls, ends, strict=True)
        if levels[fall:end].max() <= levels[fall]
    ]


def _is_correct(record: RunRecord, order: OrderRecord) -> bool:
    """Whether a diagnosis names the cause of any fault, or of the change, that has begun."""
    causes, claim = TrueCauses(record.header.expect.cause), claimed_cause(order)
    names = [event.name for event in record.run.of(InjectEvent) if event.type != "message"]
    return any(causes.match(claim, name) for name in names)
