"""One by one: the attempts of a tick from the first that `at_once` did not place."""

from __future__ import annotations

from functools import cache
from heapq import heapify
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import ATTEMPT, COLUMNS, DEPEND, ROW, SINCE, UNTIL, WORK
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import fcfs, per_replica
from simulator.pipeline.serving.attempts import GONE, Placed, Visits, send_back
from simulator.pipeline.serving.batching import SIZE, Needs
from simulator.pipeline.serving.client_guard import Watch
from simulator.pipeline.serving.kernel import NAN, NOBODY, Line, Moved, Rules, dice_of
from simulator.pipeline.world import Queue


def one_by_one(
    visits: Visits,
    queue: Queue,
    params: Params,
    ready: Ints,
    span: tuple[int, int],
    placed: Placed,
    sample: Sample,
    watch: Watch | None,
) -> Visits:
    """Go on request by request; the visits of those that a slot has taken."""
    first = placed.first
    done = first - len(queue.serving) - visits.waiting  # arrivals placed already
    at = float(visits.since[first - 1]) if done else float(span[0])
    rules = _rules(params, ready, done, span[1])
    moved, batch = _move(visits, queue, params, ready, rules, placed, at, watch)

    rows, predict, read = visits.rows, visits.predict, visits.read
    if moved.returned is not None:
        origin, since, until, attempt = moved.returned
        rows, predict, read = (each.take(origin, axis=0) for each in (rows, predict, read))
        rows[:, SINCE], rows[:, UNTIL], rows[:, ATTEMPT] = since, until, attempt
    early, behind = moved.stayed, visits.behind
    queue.waiting = np.concatenate(
        (
            rows.take(moved.waiting[:early], axis=0),
            np.empty((0, COLUMNS)) if behind is None else behind,
            rows.take(moved.waiting[early:], axis=0),
        )
    )
    queue.turn += done + moved.came
    send_back(queue, rows.take(moved.again, axis=0), moved.again_at)
    _tell(sample, moved, done)
    began = np.flatnonzero(~np.isnan(moved.leave))
    n = len(began)
    in_front = not n or began[-1] == n - 1  # as mostly: then nothing need be copied

    def of(column: Any) -> Any:
        return column[:n] if in_front else column.take(began, axis=0)

    rows = of(rows)
    return Visits(
        rows,
        rows[:, SINCE],
        rows[:, UNTIL],
        of(predict),
        of(read),
        visits.speed,
        of(moved.start),
        of(moved.leave),
        of(moved.slot),
        batch=None if batch is None else of(batch),
    )


def _rules(params: Params, ready: Ints, done: int, end: int) -> Rules:
    """What the line keeps to, when so many of the stretch have been dealt out already."""
    turn = done % len(ready) if len(ready) else 0
    return Rules(
        order=[*ready[turn:].tolist(), *ready[:turn].tolist()],
        errors=params.bends.error_share.tolist(),
        cap=params.queue_cap,
        timeout_ms=params.timeout_ms,
        retries=params.retries,
        backoff_ms=params.retry_backoff_ms,
        end=float(end),
    )


def _move(
    visits: Visits,
    queue: Queue,
    params: Params,
    ready: Ints,
    rules: Rules,
    placed: Placed,
    at: float,
    watch: Watch | None,
) -> tuple[Moved, Floats | None]:
    """What becomes of the attempts, and where there are lanes the batch of each; by a kernel."""
    first = placed.first
    kernel = compiled() if params.lanes is None and watch is None else None
    if kernel is not None:
        return kernel.advance(visits, rules, at, placed, *_slots(visits, params, ready, at)), None
    line = _line(visits, queue, params, placed)
    if params.lanes is None:
        line.free, busy = _slots(visits, params, ready, at)
        line.busy = [*busy, NOBODY]
        line.works = _works(visits, ready)
        fcfs.advance(line, rules, at, first, watch)
        return line.moved(), None
    slots = _lane_slots(visits, params, ready, at)
    queue.turn += per_replica.advance(line, slots, rules, params.lanes, at, first, watch)
    queue.lane = np.array([line.slot[k] for k in line.waiting], np.int64)
    return line.moved(), _batches(visits, slots, len(line.since))


def _tell(sample: Sample, moved: Moved, done: int) -> None:
    sample.arrived += done + moved.came + moved.kept_away
    sample.shed += moved.shed + moved.kept_away
    sample.kept_away += moved.kept_away
    sample.spared += moved.spared
    sample.timed_out += moved.given_up
    sample.failed += moved.failed


@cache
def compiled() -> ModuleType | None:
    """The compiled kernel where the extra `compiled` is installed; imported when first needed."""
    try:
        return import_module("simulator.pipeline.serving.fcfs_compiled")
    except ImportError:
        return None


def _line(visits: Visits, queue: Queue, params: Params, placed: Placed) -> Line:
    """The attempts for a kernel in plain Python, for which lists are faster than arrays."""
    held, untaken = len(queue.serving), len(visits.rows) - len(visits.leave)
    waits = queue.lane.tolist()  # in whose line, where each replica has one
    retrying = list(zip(placed.back_at.tolist(), placed.back.tolist(), strict=True))
    heapify(retrying)
    return Line(
        since=visits.since.tolist(),
        until=visits.until.tolist(),
        works=[],
        dice=dice_of(visits.rows[:, ROW]).tolist(),
        attempt=visits.rows[:, ATTEMPT].astype(np.int64).tolist(),
        origin=list(range(len(visits.rows))),
        start=visits.start.tolist() + [NAN] * untaken,
        leave=visits.leave.tolist() + [NAN] * untaken,
        slot=[*visits.slot.tolist(), *waits, *[GONE] * (untaken - len(waits))],
        free=[],
        busy=[],
        waiting=list(range(held, held + visits.waiting)),
        behind=0 if visits.behind is None else len(visits.behind),
        retrying=retrying,
    )


def _slots(
    visits: Visits, params: Params, ready: Ints, at: float
) -> tuple[list[int], list[tuple[float, int]]]:
    """How many slots of each replica are free at `at`, and when the others will be, in order."""
    free = np.full(params.slots, -(2**31))
    free[ready] = params.concurrency
    taken = (visits.leave >= at) & (visits.slot >= 0)
    free -= np.bincount(visits.slot[taken], minlength=params.slots)
    left = free.tolist()
    busy = sorted(zip(visits.leave[taken].tolist(), visits.slot[taken].tolist(), strict=True))
    if min(left, default=0) < 0:
        # A replica that serves more than it has slots for, since these became fewer, gives
        # nobody a slot until that many have left.
        whole, busy = busy, []
        for leave, slot in whole:
            if left[slot] < 0:
                left[slot] += 1
            else:
                busy.append((leave, slot))
    return left, busy


def _lane_slots(visits: Visits, params: Params, ready: Ints, at: float) -> per_replica.Slots:
    """The same where replicas have lines of their own: a slot each for batches."""
    assert visits.batch is not None
    free = np.zeros(params.slots, np.int64)
    free[ready] = params.concurrency
    size = visits.batch[:, SIZE].astype(np.int64)
    taken = (visits.leave >= at) & (visits.slot >= 0) & (size > 0)
    leave, slot = visits.leave[taken], visits.slot[taken]
    free -= np.bincount(slot, minlength=params.slots)
    return per_replica.Slots(
        free=free.tolist(),
        busy=list(zip(leave.tolist(), slot.tolist(), size[taken].tolist(), strict=True)),
        needs=Needs(
            visits.rows[:, WORK].tolist(),
            visits.rows[:, DEPEND].tolist(),
            params.service_ms,
            params.dependency_ms,
            visits.speed.tolist(),
        ),
    )


def _batches(visits: Visits, slots: per_replica.Slots, attempts: int) -> Floats:
    """The batch of every attempt that a slot has taken, before this stretch or in it."""
    assert visits.batch is not None
    batch = np.zeros((attempts, 3))
    batch[: len(visits.batch)] = visits.batch
    if slots.begun:
        batch[list(slots.begun)] = list(slots.begun.values())
    return batch


def _works(visits: Visits, ready: Ints) -> list[list[float]]:
    """How long each request takes on each replica; those that are equally fast share a list."""
    speeds = visits.speed.tolist()
    lists = {
        speed: (visits.read + visits.predict / speed).tolist()
        for speed in dict.fromkeys(speeds[slot] for slot in ready.tolist())
    }
    nobody: list[float] = next(iter(lists.values()), visits.read.tolist())
    return [lists.get(speed, nobody) for speed in speeds]
