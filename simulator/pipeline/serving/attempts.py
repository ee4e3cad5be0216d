"""The attempts of one segment of a tick, and the slots that take them.

While nobody waits, a request leaves at its arrival plus its service, which is one line of numpy.
Whether nobody waits is checked on the result, and exact by induction. From the first request that
finds its replica full, `one_by_one` goes on; where somebody is likely to wait soon, it begins with
the first attempt. The results are the same.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import ATTEMPT, DEPEND, ROW, SINCE, UNTIL, WORK
from simulator.pipeline.serving.batching import batches_of_one
from simulator.pipeline.serving.client_guard import ClientGuard
from simulator.pipeline.serving.kernel import LUCK, dice_of, is_error, retry_backoff
from simulator.pipeline.world import Queue

DETACHED = -1  # slot of a request whose pod was removed and finishes it
_LUCK = np.array(LUCK)
SPEED_MIN = 1e-9  # a replica that hangs still has a speed: its requests never end, in effect


@dataclass
class Attempts:
    """The attempts of one segment as columns: in service, then waiting, then arriving.

    Of a long queue only the head is here: the requests that may get a slot in this segment.
    """

    rows: Floats
    since: Floats
    until: Floats
    predict_ms: Floats  # of the model's work at speed 1
    read_ms: Floats  # of the feature read
    speed: Floats  # per replica, and 1 for DETACHED (index -1)
    # Of the first attempts, which have a slot; the others have none yet.
    start: Floats  # ms, the begin of the segment where it was before that
    leave: Floats
    slot: Ints
    queue_head: int = 0  # waiting requests that are here
    queue_tail: Floats | None = None  # the rest of the queue, which stays as it is
    batch: Floats | None = None  # with queues per replica, of those with a slot (see batching.py)


class Placement(NamedTuple):
    """How far `place_immediately` came."""

    first: int  # index of the first arrival that it did not place
    retrying: Ints  # attempts that end without an answer, whose clients will retry
    retry_at: Floats  # when they do, ms


def gather(
    queue: Queue, params: Params, arrivals: Floats, ready: Ints, span: tuple[int, int]
) -> Attempts:
    """The requests in the server at the begin of the segment, and its arrivals."""
    held, t = len(queue.serving), span[0]
    speed = np.ones(len(params.bends.speed) + 1)
    np.maximum(params.bends.speed, SPEED_MIN, out=speed[:-1])
    head = len(queue.waiting)
    if head and params.per_replica is None:
        head = _queue_head(queue.waiting, params, speed[ready], span)
    rows = np.concatenate((queue.serving, queue.waiting[:head], arrivals))
    start, leave, slot = np.full(held, float(t)), queue.leaves, queue.slot
    since, until, work, depend = rows[:, SINCE : DEPEND + 1].T.copy()
    predict, read = work * params.service_ms, params.read_times(depend)
    tail = queue.waiting[head:]
    return Attempts(rows, since, until, predict, read, speed, start, leave, slot, head, tail)


def _queue_head(waiting: Floats, params: Params, speeds: Floats, span: tuple[int, int]) -> int:
    """How much of a queue has to be examined: up to the first request that cannot start.

    A slot works for the length of the segment at most, and one request a slot is not done at its
    end. So the work of all that have started, each counted up to that length, is at most twice
    the capacity of the slots. A client that gives up needs nothing.
    """
    slots, length = len(speeds) * params.concurrency, span[1] - span[0]
    stays = waiting[:, UNTIL] >= span[1]
    work = waiting[:, WORK] * (params.service_ms / (speeds.max() if slots else 1.0))
    work += params.read_times(waiting[:, DEPEND])
    needed = (np.minimum(work, length) * stays).cumsum()
    head = 1 + int(needed.searchsorted(2 * slots * length, side="right"))
    return min(head, len(waiting)) if stays[head:].all() else len(waiting)


def place_immediately(
    attempts: Attempts,
    queue: Queue,
    params: Params,
    ready: Ints,
    span: tuple[int, int],
    guard: ClientGuard | None,
) -> Placement:
    """Place all arrivals that find a free slot, up to the first that does not.

    Or none, where the attempt is not worth its time.
    """
    held, end = len(queue.serving), span[1]
    first = held + attempts.queue_head
    since, n = attempts.since[first:], 0
    leaves, slots = since, np.empty(0, np.int64)
    round_robin = params.per_replica is None or params.per_replica.plain
    # What a gateway stops is decided attempt by attempt.
    round_robin = round_robin and params.verdicts is None
    if first == held and round_robin and _may_all_start(attempts, params, ready, span):
        slots = ready[np.arange(len(since)) % len(ready)]
        leaves = since + (
            attempts.read_ms[held:] + attempts.predict_ms[held:] / attempts.speed[slots]
        )
        n = _count_immediate(queue, ready, params.concurrency, since, leaves)

    def place(n: int) -> Ints:
        attempts.start = np.concatenate((start, since[:n]))
        attempts.leave = np.concatenate((queue.leaves, leaves[:n]))
        attempts.slot = np.concatenate((queue.slot, slots[:n]))
        return unanswered(attempts, params, span)

    start = attempts.start
    retrying = place(n)
    if guard is not None and n:
        # The guard decides attempt by attempt, unless it cannot have any effect.
        retries = (attempts.rows[held : held + n, ATTEMPT] > 1).any()
        if len(retrying) or retries or not guard.transparent:
            n, retrying = 0, place(0)
    retry_at = np.empty(0)
    if len(retrying):
        retrying = retrying[attempts.rows[retrying, ATTEMPT] <= params.retries]
        ends = np.minimum(attempts.until[retrying], attempts.leave[retrying])
        retry_at = retry_times(params, attempts.rows[retrying], ends)
        if len(retrying) and retry_at.min() < end:
            # In this very segment: attempt by attempt from the first retry on.
            n = min(n, int(since.searchsorted(retry_at.min())))
            retrying, retry_at = retrying[retrying < held + n], retry_at[retrying < held + n]
            place(n)
    if params.per_replica is not None:
        ones = batches_of_one(attempts.rows[held : held + n])
        attempts.batch = np.concatenate((queue.batches, ones))
    return Placement(first + n, retrying, retry_at)


def _may_all_start(attempts: Attempts, params: Params, ready: Ints, span: tuple[int, int]) -> bool:
    """Whether all arrivals may find a slot at once.

    An estimate, which changes no result but the time it takes: a failed attempt costs up to a
    fifth of a tick. The requests in service are as many as the offered load, give or take its
    root, and the highest of n such numbers is about sqrt(2 log n) roots above the mean.
    """
    arriving = slice(len(attempts.leave), None)
    n = len(attempts.since) - arriving.start
    if not n or not len(ready):
        return False
    paces = (1.0 / attempts.speed[ready]).sum() / len(ready)
    work = attempts.read_ms[arriving].sum() + attempts.predict_ms[arriving].sum() * paces
    load = min(float(work) / (span[1] - span[0]), len(attempts.leave) + n)
    return load + math.sqrt(2.0 * math.log(n) * load) < len(ready) * params.concurrency


def unanswered(attempts: Attempts, params: Params, span: tuple[int, int]) -> Ints:
    """The requests in service whose clients get no answer in this segment.

    The client gives up before the answer is there, or the answer is an error.
    """
    t, end = span
    leave = attempts.leave
    until = attempts.until[: len(leave)]
    late = until < leave
    failed = late & (until < end) & (until >= t) if late.any() else late
    if params.bends.error_share.any():
        failed = failed | (~late & (leave < end) & erroneous(attempts, params))
    return np.flatnonzero(failed)


def erroneous(attempts: Attempts, params: Params) -> Bools:
    """Which of the requests in service will be answered with an error."""
    rows = attempts.rows[: len(attempts.leave)]
    share = np.append(params.bends.error_share, 0.0)[attempts.slot]  # none for DETACHED
    luck = _LUCK.take(rows[:, ATTEMPT].astype(np.int64), mode="wrap")
    errors: Bools = is_error(dice_of(rows[:, ROW]), luck, share)
    return errors


def record_outcomes(
    attempts: Attempts, params: Params, span: tuple[int, int], guard: ClientGuard
) -> None:
    """Let the breaker record the outcomes of the requests in service."""
    ends = np.minimum(attempts.until[: len(attempts.leave)], attempts.leave)
    success = np.ones(len(ends), np.bool_)
    success[unanswered(attempts, params, span)] = False
    for k in np.flatnonzero((ends >= span[0]) & (ends < span[1])).tolist():
        guard.record(float(ends[k]), float(attempts.since[k]), bool(success[k]))


def _count_immediate(
    queue: Queue, ready: Ints, concurrency: int, since: Floats, leaves: Floats
) -> int:
    """How many arrivals, dealt in round robin, find a free slot of their replica at once.

    The i-th arrival to c slots finds one free if the i-th of all departures, with those of the c
    requests in service at first (-inf for an empty slot), has happened by then.
    """
    replicas, n = len(ready), len(since)
    rounds = -(-n // replicas)
    arrival, departure = np.full((2, rounds * replicas), np.inf)
    arrival[:n], departure[:n] = since, leaves
    departures = np.empty((replicas, concurrency + rounds))
    departures[:, :concurrency] = -np.inf
    departures[:, concurrency:] = departure.reshape(rounds, replicas).T
    column = dict.fromkeys(ready.tolist(), 0)
    row = {slot: i for i, slot in enumerate(column)}
    for slot, leave in zip(queue.slot.tolist(), queue.leaves.tolist(), strict=True):
        if slot in row:
            if column[slot] == concurrency:  # more than its slots, which have become fewer
                return 0
            departures[row[slot], column[slot]] = leave
            column[slot] += 1
    departures.sort(axis=1)
    late = departures[:, :rounds] > arrival.reshape(rounds, replicas).T
    return int(late.T.argmax()) if late.any() else n


def retry_times(params: Params, rows: Floats, since: Floats) -> Floats:
    """When clients without an answer retry, in ms."""
    return since + retry_backoff(params.retry_backoff_ms, rows[:, ATTEMPT], rows[:, ROW])


def schedule_retries(queue: Queue, rows: Floats, at: Floats) -> None:
    """Clients leave, and will retry at `at`."""
    if len(rows):
        queue.retrying = np.concatenate((queue.retrying, rows))
        queue.retry_at = np.concatenate((queue.retry_at, at))
