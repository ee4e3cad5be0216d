"""Run a kernel over the attempts of a segment that could not be placed immediately."""

from functools import cache
from heapq import heapify
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import ATTEMPT, COLUMNS, DEPEND, ID, ROW, SINCE, UNTIL, WORK
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import fcfs, per_replica
from simulator.pipeline.serving.attempts import DETACHED, Attempts, Placement, schedule_retries
from simulator.pipeline.serving.batching import SIZE, Needs
from simulator.pipeline.serving.client_guard import ClientGuard
from simulator.pipeline.serving.kernel import (
    NAN,
    SENTINEL,
    KernelState,
    SegmentOutcome,
    SegmentRules,
    dice_of,
)
from simulator.pipeline.serving.per_replica import ReplicaSlots
from simulator.pipeline.traffic.verdicts import PASSED, REFUSED, TOO_LONG
from simulator.pipeline.world import Queue


def one_by_one(
    attempts: Attempts,
    queue: Queue,
    params: Params,
    ready: Ints,
    span: tuple[int, int],
    placement: Placement,
    sample: Sample,
    guard: ClientGuard | None,
) -> Attempts:
    """Go on attempt by attempt; returns the attempts that a slot has taken."""
    first = placement.first
    done = first - len(queue.serving) - attempts.queue_head  # arrivals placed already
    at = float(attempts.since[first - 1]) if done else float(span[0])
    rules = _rules(params, ready, done, span[1])
    if params.verdicts is not None:
        rules.verdicts = params.verdicts.of(attempts.rows, params.retries).tolist()
    outcome, batch = _advance(attempts, queue, params, ready, rules, placement, at, guard)

    rows, predict, read = attempts.rows, attempts.predict_ms, attempts.read_ms
    if outcome.retried is not None:
        origin, since, until, attempt = outcome.retried
        rows, predict, read = (column.take(origin, axis=0) for column in (rows, predict, read))
        rows[:, SINCE], rows[:, UNTIL], rows[:, ATTEMPT] = since, until, attempt
    early, tail = outcome.stayed, attempts.queue_tail
    queue.waiting = np.concatenate(
        (
            rows.take(outcome.waiting[:early], axis=0),
            np.empty((0, COLUMNS)) if tail is None else tail,
            rows.take(outcome.waiting[early:], axis=0),
        )
    )
    queue.round_robin_next += done + outcome.arrived
    schedule_retries(queue, rows.take(outcome.retrying, axis=0), outcome.retry_at)
    _count(sample, outcome, done)
    if outcome.at_gateway is not None:
        _count_at_gateway(sample, outcome, params, attempts.rows, rows)
    began = np.flatnonzero(~np.isnan(outcome.leave))
    n = len(began)
    contiguous = not n or began[-1] == n - 1  # as in most segments: nothing need be copied

    def of_begun(column: Any) -> Any:
        return column[:n] if contiguous else column.take(began, axis=0)

    rows = of_begun(rows)
    return Attempts(
        rows,
        rows[:, SINCE],
        rows[:, UNTIL],
        of_begun(predict),
        of_begun(read),
        attempts.speed,
        of_begun(outcome.start),
        of_begun(outcome.leave),
        of_begun(outcome.slot),
        batch=None if batch is None else of_begun(batch),
    )


def _rules(params: Params, ready: Ints, done: int, end: int) -> SegmentRules:
    """The rules of the segment after so many of its arrivals have been dealt out."""
    turn = done % len(ready) if len(ready) else 0
    return SegmentRules(
        replicas=[*ready[turn:].tolist(), *ready[:turn].tolist()],
        error_share=params.bends.error_share.tolist(),
        queue_cap=params.queue_cap,
        timeout_ms=params.timeout_ms,
        retries=params.retries,
        backoff_ms=params.retry_backoff_ms,
        end=float(end),
    )


def _advance(
    attempts: Attempts,
    queue: Queue,
    params: Params,
    ready: Ints,
    rules: SegmentRules,
    placement: Placement,
    at: float,
    guard: ClientGuard | None,
) -> tuple[SegmentOutcome, Floats | None]:
    """Run the kernel: the outcome, and with queues per replica the batch of each attempt."""
    first = placement.first
    plain = params.per_replica is None and guard is None and params.verdicts is None
    kernel = compiled() if plain else None
    if kernel is not None:
        slots = _slots(attempts, params, ready, at)
        return kernel.advance(attempts, rules, at, placement, *slots), None
    state = _kernel_state(attempts, queue, placement)
    if params.per_replica is None:
        state.free, busy = _slots(attempts, params, ready, at)
        state.busy = [*busy, SENTINEL]
        state.works = _works(attempts, ready)
        fcfs.advance(state, rules, at, first, guard)
        return state.outcome(), None
    replica_slots = _replica_slots(attempts, params, ready, at)
    queue.round_robin_next += per_replica.advance(
        state, replica_slots, rules, params.per_replica, at, first, guard
    )
    queue.waiting_at = np.array([state.slot[k] for k in state.waiting], np.int64)
    return state.outcome(), _batches(attempts, replica_slots, len(state.since))


def _count(sample: Sample, outcome: SegmentOutcome, done: int) -> None:
    sample.arrived += done + outcome.arrived + outcome.breaker_rejected
    sample.shed += outcome.shed + outcome.breaker_rejected
    sample.breaker_rejected += outcome.breaker_rejected
    sample.retries_suppressed += outcome.retries_suppressed
    sample.timed_out += outcome.given_up
    sample.failed += outcome.failed


def _count_at_gateway(
    sample: Sample, outcome: SegmentOutcome, params: Params, requests: Floats, rows: Floats
) -> None:
    """Count what the gateway did; `rows` are those of the attempts, of `requests`."""
    assert params.verdicts is not None
    assert outcome.at_gateway is not None
    origin, verdict = outcome.at_gateway
    ids = requests[origin, ID]
    for counts, counted in ((sample.offered, ids), (sample.refused, ids[verdict == REFUSED])):
        for name, n in params.verdicts.count(counted).items():
            counts[name] = counts.get(name, 0) + n
    too_long = int(np.count_nonzero(verdict == TOO_LONG))
    sample.too_long += too_long
    sample.shed += int(np.count_nonzero(verdict == REFUSED)) + too_long
    sample.arrived += int(np.count_nonzero(verdict != PASSED))
    if outcome.answered is not None:
        sample.answered = np.concatenate((sample.answered, rows[outcome.answered]))


@cache
def compiled() -> ModuleType | None:
    """The compiled kernel where the extra `compiled` is installed; imported when first needed."""
    try:
        return import_module("simulator.pipeline.serving.fcfs_compiled")
    except ImportError:
        return None


def _kernel_state(attempts: Attempts, queue: Queue, placement: Placement) -> KernelState:
    """The attempts for a kernel in plain Python, for which lists are faster than arrays."""
    held, untaken = len(queue.serving), len(attempts.rows) - len(attempts.leave)
    waiting_at = queue.waiting_at.tolist()
    retrying = list(zip(placement.retry_at.tolist(), placement.retrying.tolist(), strict=True))
    heapify(retrying)
    return KernelState(
        since=attempts.since.tolist(),
        until=attempts.until.tolist(),
        works=[],
        dice=dice_of(attempts.rows[:, ROW]).tolist(),
        attempt=attempts.rows[:, ATTEMPT].astype(np.int64).tolist(),
        origin=list(range(len(attempts.rows))),
        start=attempts.start.tolist() + [NAN] * untaken,
        leave=attempts.leave.tolist() + [NAN] * untaken,
        slot=[*attempts.slot.tolist(), *waiting_at, *[DETACHED] * (untaken - len(waiting_at))],
        free=[],
        busy=[],
        waiting=list(range(held, held + attempts.queue_head)),
        queue_tail=0 if attempts.queue_tail is None else len(attempts.queue_tail),
        retrying=retrying,
    )


def _slots(
    attempts: Attempts, params: Params, ready: Ints, at: float
) -> tuple[list[int], list[tuple[float, int]]]:
    """The free slots of each replica at `at`, and when the others become free, in order."""
    free = np.full(params.slots, -(2**31))
    free[ready] = params.concurrency
    taken = (attempts.leave >= at) & (attempts.slot >= 0)
    free -= np.bincount(attempts.slot[taken], minlength=params.slots)
    slots = free.tolist()
    busy = sorted(zip(attempts.leave[taken].tolist(), attempts.slot[taken].tolist(), strict=True))
    if min(slots, default=0) < 0:
        # A replica with more requests in service than slots, since these became fewer, gives
        # no slot until enough of them have left.
        departures, busy = busy, []
        for leave, slot in departures:
            if slots[slot] < 0:
                slots[slot] += 1
            else:
                busy.append((leave, slot))
    return slots, busy


def _replica_slots(attempts: Attempts, params: Params, ready: Ints, at: float) -> ReplicaSlots:
    """The same where each replica has its own queue, and a batch takes one slot."""
    assert attempts.batch is not None
    free = np.zeros(params.slots, np.int64)
    free[ready] = params.concurrency
    size = attempts.batch[:, SIZE].astype(np.int64)
    taken = (attempts.leave >= at) & (attempts.slot >= 0) & (size > 0)
    leave, slot = attempts.leave[taken], attempts.slot[taken]
    free -= np.bincount(slot, minlength=params.slots)
    return ReplicaSlots(
        free=free.tolist(),
        busy=list(zip(leave.tolist(), slot.tolist(), size[taken].tolist(), strict=True)),
        needs=Needs(
            attempts.rows[:, WORK].tolist(),
            attempts.rows[:, DEPEND].tolist(),
            params.service_ms,
            params.dependency_ms,
            attempts.speed.tolist(),
            params.read_limit_ms,
        ),
    )


def _batches(attempts: Attempts, slots: ReplicaSlots, count: int) -> Floats:
    """The batch of every attempt that a slot has taken, before this segment or in it."""
    assert attempts.batch is not None
    batch = np.zeros((count, 3))
    batch[: len(attempts.batch)] = attempts.batch
    if slots.begun:
        batch[list(slots.begun)] = list(slots.begun.values())
    return batch


def _works(attempts: Attempts, ready: Ints) -> list[list[float]]:
    """Service times of all requests on each replica; equally fast replicas share a list."""
    speeds = attempts.speed.tolist()
    lists = {
        speed: (attempts.read_ms + attempts.predict_ms / speed).tolist()
        for speed in dict.fromkeys(speeds[slot] for slot in ready.tolist())
    }
    unused: list[float] = next(iter(lists.values()), attempts.read_ms.tolist())
    return [lists.get(speed, unused) for speed in speeds]
