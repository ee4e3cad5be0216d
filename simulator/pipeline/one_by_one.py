"""One by one: the attempts of a tick from the first that finds no free slot at once."""

from __future__ import annotations

from heapq import heapify
from typing import TYPE_CHECKING

import numpy as np

from simulator.pipeline import fcfs, lanes
from simulator.pipeline.batching import SIZE, Needs
from simulator.pipeline.line import NAN, NOBODY, Line, Rules, dice_of
from simulator.pipeline.traffic import ATTEMPT, COLUMNS, DEPEND, ROW, SINCE, UNTIL, WORK
from simulator.pipeline.visits import GONE, Placed, Visits, send_back

if TYPE_CHECKING:
    from simulator.pipeline.guard import Watch
    from simulator.pipeline.world import Floats, Ints, Params, Queue, Sample


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
    first, back, back_at = placed
    held, waiting = len(queue.serving), visits.waiting
    behind = np.empty((0, COLUMNS)) if visits.behind is None else visits.behind
    done = first - held - waiting  # arrivals placed already
    at = float(visits.since[first - 1]) if done else float(span[0])
    turn = done % len(ready) if len(ready) else 0
    untaken = len(visits.rows) - len(visits.leave)
    waits = queue.lane.tolist()  # in whose line, where each replica has one
    retrying = list(zip(back_at.tolist(), back.tolist(), strict=True))
    heapify(retrying)
    line = Line(
        since=visits.since.tolist(),
        until=visits.until.tolist(),
        works=_works(visits, ready) if params.lanes is None else [],
        dice=dice_of(visits.rows[:, ROW]).tolist(),
        attempt=visits.rows[:, ATTEMPT].astype(np.int64).tolist(),
        origin=list(range(len(visits.rows))),
        start=visits.start.tolist() + [NAN] * untaken,
        leave=visits.leave.tolist() + [NAN] * untaken,
        slot=visits.slot.tolist() + waits + [GONE] * (untaken - len(waits)),
        free=[],
        busy=[],
        waiting=list(range(held, held + waiting)),
        behind=len(behind),
        retrying=retrying,
    )
    rules = Rules(
        order=[*ready[turn:].tolist(), *ready[:turn].tolist()],
        errors=params.errors.tolist(),
        cap=params.queue_cap,
        timeout_ms=params.timeout_ms,
        retries=params.retries,
        backoff_ms=params.retry_backoff_ms,
        end=float(span[1]),
    )
    turns, batch = 0, None
    if params.lanes is None:
        line.free, line.busy = _slots(visits, params, ready, at)
        fcfs.advance(line, rules, at, first, watch)
    else:
        slots = _lane_slots(visits, params, ready, at)
        turns = lanes.advance(line, slots, rules, params.lanes, at, first, watch)
        queue.lane = np.array([line.slot[k] for k in line.waiting], np.int64)
        batch = _batches(visits, slots, len(line.since))

    again = [*line.retrying, *line.later]
    rows, predict, read = visits.rows, visits.predict, visits.read
    if line.returned:
        rows, predict, read = (each.take(line.origin, axis=0) for each in (rows, predict, read))
        rows[:, SINCE], rows[:, UNTIL], rows[:, ATTEMPT] = line.since, line.until, line.attempt
    early = line.stayed
    queue.waiting = np.concatenate(
        (
            rows.take(line.waiting[:early], axis=0),
            behind,
            rows.take(line.waiting[early:], axis=0),
        )
    )
    queue.turn += done + line.came + turns
    back_rows = rows.take([k for _, k in again], axis=0)
    send_back(queue, back_rows, np.array([back_at for back_at, _ in again]))
    sample.arrived += done + line.came + line.kept_away
    sample.shed += line.shed + line.kept_away
    sample.kept_away += line.kept_away
    sample.spared += line.spared
    sample.timed_out += line.given_up
    leave = np.array(line.leave)
    began = np.flatnonzero(~np.isnan(leave))
    rows = rows.take(began, axis=0)
    return Visits(
        rows,
        rows[:, SINCE],
        rows[:, UNTIL],
        predict[began],
        read[began],
        visits.speed,
        np.array(line.start)[began],
        leave[began],
        np.array(line.slot)[began],
        batch=None if batch is None else batch[began],
    )


def _slots(
    visits: Visits, params: Params, ready: Ints, at: float
) -> tuple[list[int], list[tuple[float, int]]]:
    """How many slots of each replica are free at `at`, and a heap of when the others will be."""
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
    return left, [*busy, NOBODY]


def _lane_slots(visits: Visits, params: Params, ready: Ints, at: float) -> lanes.Slots:
    """The same where replicas have lines of their own: a slot each for batches."""
    assert visits.batch is not None
    free = np.zeros(params.slots, np.int64)
    free[ready] = params.concurrency
    size = visits.batch[:, SIZE].astype(np.int64)
    taken = (visits.leave >= at) & (visits.slot >= 0) & (size > 0)
    leave, slot = visits.leave[taken], visits.slot[taken]
    free -= np.bincount(slot, minlength=params.slots)
    return lanes.Slots(
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


def _batches(visits: Visits, slots: lanes.Slots, attempts: int) -> Floats:
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
