"""The model server: requests wait for a slot of a replica, are scored, and leave.

One queue before all replicas, first come, first served; replicas take requests in round robin,
and a full one passes them on. Or each replica has its own queue (see per_replica.py). Departures
inside the tick are committed; what waits or is in service stays in `World.queue` and is subject
to every law that changes: an action helps an existing backlog.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import inf
from typing import NamedTuple

import numpy as np

from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import ATTEMPT, COLUMNS, DEPEND, SINCE, UNTIL
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import feature_reads
from simulator.pipeline.serving.attempts import (
    DETACHED,
    Attempts,
    erroneous,
    gather,
    place_immediately,
    record_outcomes,
    retry_times,
    schedule_retries,
)
from simulator.pipeline.serving.batching import BATCH_DEPEND, BATCH_WORK, SIZE
from simulator.pipeline.serving.client_guard import ClientGuard
from simulator.pipeline.serving.one_by_one import one_by_one
from simulator.pipeline.serving.rescaling import rescale_service
from simulator.pipeline.world import READY, Queue, World


class Occupancy(NamedTuple):
    """When requests held a slot in a segment, answered or not, and the replica."""

    start: Floats  # ms, the begin of the segment where it was before that
    leave: Floats
    slot: Ints  # or DETACHED


@dataclass(frozen=True)
class Served:
    """Predictions that left in one tick and reached a client who still waited for them."""

    requests: Floats  # shape (served, COLUMNS)
    leaves: Floats  # ms
    latency_ms: Floats  # from the arrival of the attempt
    predict_ms: Floats  # the model's part of it
    dependency_ms: Floats  # the feature read's part; the rest is waiting
    slot: Ints
    departed: Ints  # requests that left each replica, answered in time or not, shape (slots,)
    # Hits and misses of the feature caches by requests that got a slot, shape (2, slots); (2, 0)
    # without caches.
    lookups: Ints
    occupancy: Occupancy


def concatenate(parts: Sequence[Served]) -> Served:
    """Join the departures of consecutive segments."""
    names = [field.name for field in fields(Served)]
    columns = {name: [getattr(part, name) for part in parts] for name in names}
    departed: Ints = np.sum(columns.pop("departed"), axis=0)
    lookups: Ints = np.sum(columns.pop("lookups"), axis=0)
    occupancy = Occupancy(
        *(np.concatenate(column) for column in zip(*columns.pop("occupancy"), strict=True))
    )
    joined = {name: np.concatenate(arrays) for name, arrays in columns.items()}
    return Served(**joined, departed=departed, lookups=lookups, occupancy=occupancy)


def empty_queue(slots: int) -> Queue:
    """A model server without requests.

    Examples
    --------
    >>> inside(empty_queue(4), 0)
    0
    """
    no_times, no_rows = np.empty(0), np.empty((0, COLUMNS))
    timed_with = (0.0, 0.0, inf, np.ones(slots))
    no_slots = np.empty(0, np.int64)
    return Queue(no_rows, no_rows, no_times, no_slots, no_rows, no_times, 0, timed_with)


def inside(queue: Queue, t: float) -> int:
    """Requests in the server at `t` whose clients still wait for an answer."""
    return len(queue.waiting) + int(np.count_nonzero(queue.serving[:, UNTIL] >= t))


def in_service(queue: Queue, slots: int) -> Ints:
    """Requests that each replica has in service, shape (slots,)."""
    return np.bincount(queue.slot + 1, minlength=slots + 1)[1:]


def detach(queue: Queue, slot: int) -> None:
    """Remove a pod gracefully: it finishes its requests in service and takes no more.

    Requests in its own queue are dealt out again to the others.
    """
    queue.slot[queue.slot == slot] = DETACHED
    queue.waiting_at[queue.waiting_at == slot] = DETACHED


def fail(queue: Queue, params: Params, slot: int, t: int, sample: Sample) -> None:
    """Kill a replica at `t`: its requests in service and in its own queue fail, clients retry."""
    lost = queue.slot == slot
    rows = queue.serving[lost]
    if len(queue.waiting_at):
        rows = np.concatenate((rows, queue.waiting[queue.waiting_at == slot]))
        stays = queue.waiting_at != slot
        queue.waiting, queue.waiting_at = queue.waiting[stays], queue.waiting_at[stays]
    rows = rows[rows[:, UNTIL] >= t]  # the other clients have given up already
    sample.failed += len(rows)
    guard = client_guard_of(queue, params)
    if guard is not None:
        for since in rows[:, SINCE].tolist():
            guard.record(float(t), since, False)
        guard.flush(float(t))
    rows = rows[rows[:, ATTEMPT] <= params.retries]
    schedule_retries(queue, rows, retry_times(params, rows, np.full(len(rows), float(t))))
    if len(queue.batches):
        queue.batches = queue.batches[~lost]
    queue.serving, queue.leaves, queue.slot = (
        queue.serving[~lost],
        queue.leaves[~lost],
        queue.slot[~lost],
    )


def serve(world: World, params: Params, arrivals: Floats, sample: Sample) -> Served:
    """Serve one segment of a tick.

    Parameters
    ----------
    world : World
        `queue` is moved to the end of the segment; `replicas` are read.
    arrivals : ndarray, shape (requests, COLUMNS), by `SINCE`
        First attempts; retries are in the queue.
    sample : Sample
        Of the segment: gets counts, latencies and busy time.

    Notes
    -----
    arrived = served + shed + timed_out + failed + the change of `inside`, exactly.

    References
    ----------
    Kiefer, J. and Wolfowitz, J. (1955). On the theory of queues with many servers.
    """
    queue = world.queue
    t, end = sample.t, sample.t + sample.dt
    rescale_service(queue, params, t)
    arrivals = _merge_retries(queue, params, arrivals, t, end)
    if not (len(arrivals) or len(queue.serving) or len(queue.waiting)):
        return _nothing_served(params, sample)

    ready = np.flatnonzero(world.replicas.phase == READY)
    if len(ready) > 1:
        turn = queue.round_robin_next % len(ready)
        ready = np.concatenate((ready[turn:], ready[:turn]))
    attempts = gather(queue, params, arrivals, ready, (t, end))
    guard = client_guard_of(queue, params)
    placement = place_immediately(attempts, queue, params, ready, (t, end), guard)
    first, retry_at = placement.first, placement.retry_at
    if guard is not None:
        guard.deposit(first - len(queue.serving) - attempts.queue_head)
        record_outcomes(attempts, params, (t, end), guard)
    if first < len(attempts.rows) or len(queue.waiting) or (retry_at < end).any():
        attempts = one_by_one(attempts, queue, params, ready, (t, end), placement, sample, guard)
    else:
        sample.arrived += len(arrivals)
        queue.round_robin_next += len(arrivals)
        schedule_retries(queue, attempts.rows[placement.retrying], retry_at)
    if guard is not None:
        guard.flush(end)
    return _commit(attempts, queue, params, (t, end), sample)


def client_guard_of(queue: Queue, params: Params) -> ClientGuard | None:
    """The clients' retry budget and breaker, if they have any."""
    if params.retry_budget is None and params.circuit_breaker is None:
        return None
    return ClientGuard(queue.guard, params.retry_budget, params.circuit_breaker)


def _commit(
    attempts: Attempts, queue: Queue, params: Params, span: tuple[int, int], sample: Sample
) -> Served:
    """Commit departures inside the segment, keep what is in service; all have a slot."""
    t, end = span
    leave, until, replica = attempts.leave, attempts.until, attempts.slot + 1
    departs = leave < end
    departed_from = replica[departs]
    sample.departed = sample.batches_executed = len(departed_from)
    busy = np.minimum(leave, end) - attempts.start
    if attempts.batch is not None:
        busy, sample.batches_executed = _per_batch(attempts, attempts.batch, params, busy, departs)
    if params.dependency is not None:
        feature_reads.count_reads(attempts, len(queue.serving), params, end, sample)
    used: Floats = np.bincount(replica, busy, params.slots + 1).astype(np.float64)
    sample.busy_ms = used[1:]
    answered = departs
    late = until < leave
    if late.any():
        answered = departs & ~late
        sample.timed_out += int(np.count_nonzero(late & (until < end) & (until >= t)))
    if params.bends.error_share.any():
        errors = answered & erroneous(attempts, params)
        answered = answered & ~errors
        sample.failed += int(np.count_nonzero(errors))
        for faulty in params.bends.erroring:
            hit = np.append(faulty.pods, False)[attempts.slot[errors]]
            sample.hit(faulty.fault, np.count_nonzero(hit))
    stays = np.flatnonzero(~departs)
    lookups = feature_reads.count_lookups(attempts, len(queue.serving), params)
    queue.serving = attempts.rows.take(stays, axis=0)
    queue.leaves, queue.slot = leave[stays], attempts.slot[stays]
    if attempts.batch is not None:
        queue.batches = attempts.batch[stays]

    answered_rows = np.flatnonzero(answered)
    leaves, slots = leave[answered_rows], attempts.slot[answered_rows]
    requests = attempts.rows.take(answered_rows, axis=0)
    if params.read_limit_ms < inf:
        requests[feature_reads.cut(requests, params), DEPEND] = inf
    served = Served(
        requests=requests,
        leaves=leaves,
        latency_ms=leaves - attempts.since[answered_rows],
        predict_ms=attempts.predict_ms[answered_rows] / attempts.speed[slots],
        dependency_ms=attempts.read_ms[answered_rows],
        slot=slots,
        departed=np.bincount(departed_from, minlength=params.slots + 1)[1:],
        lookups=lookups,
        occupancy=Occupancy(attempts.start, leave, attempts.slot),
    )
    sample.served += len(answered_rows)
    if params.read_limit_ms == 0.0:
        sample.unread += len(requests)
    elif params.feature_cache is not None:
        sample.unread += int(np.count_nonzero(requests[:, DEPEND] == 0.0))
    sample.latency_ms, sample.predict_ms = served.latency_ms, served.predict_ms
    sample.dependency_ms, sample.slot = served.dependency_ms, slots
    return served


def _per_batch(
    attempts: Attempts, batch: Floats, params: Params, busy: Floats, departs: Bools
) -> tuple[Floats, int]:
    """A batch holds one slot and is one execution; each of its members waits for all of it."""
    attempts.predict_ms = batch[:, BATCH_WORK] * params.service_ms
    attempts.read_ms = params.read_times(batch[:, BATCH_DEPEND])
    first = batch[:, SIZE] > 0
    return busy * first, int(np.count_nonzero(departs & first))


def _nothing_served(params: Params, sample: Sample) -> Served:
    sample.busy_ms = np.zeros(params.slots)
    none, no_slots = np.empty(0), np.empty(0, np.int64)
    departed = np.zeros(params.slots, np.int64)
    occupancy = Occupancy(none, none, no_slots)
    rows = np.empty((0, COLUMNS))
    lookups = np.zeros((2, params.slots if params.feature_cache is not None else 0), np.int64)
    return Served(rows, none, none, none, none, no_slots, departed, lookups, occupancy)


def _merge_retries(queue: Queue, params: Params, arrivals: Floats, t: int, end: int) -> Floats:
    """First attempts and the retries that are due, by arrival."""
    if not len(queue.retry_at):
        return arrivals
    due = queue.retry_at < end
    if not due.any():
        return arrivals
    rows = queue.retrying[due]
    rows[:, SINCE] = np.maximum(queue.retry_at[due], t)
    rows[:, UNTIL] = rows[:, SINCE] + params.timeout_ms
    rows[:, ATTEMPT] += 1
    queue.retrying, queue.retry_at = queue.retrying[~due], queue.retry_at[~due]
    rows = np.concatenate((arrivals, rows))
    return rows.take(np.argsort(rows[:, SINCE], kind="stable"), axis=0)
