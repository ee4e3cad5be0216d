"""The online feature store: what it holds of the world, and how old that is.

A view is filled by materialization runs. Between two runs entities go on changing: the
value of one changes at random, once in `changes_every` on average. A read then finds
what was true of it *before*, which looks like any other value of that column: its
distribution does not move, and no drift statistic sees a stale store. Past its time to
live a view answers with nulls, as Feast does (OUTSIDE_MAX_AGE).

What a view holds was read from the source by the last run, so it also keeps how that
source spoke then: rows that arrived in hours stay in hours until the view is
materialized anew.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.model.ground_truth import ordinary_rows
from simulator.pipeline.rows import bend_rows
from simulator.pipeline.sample import Sample
from simulator.pipeline.traffic import arrivals
from simulator.pipeline.world import World
from simulator.streams import many_uniforms, uniforms


def views_of(params: Params, source: str) -> tuple[str, ...]:
    """The views that are filled from a source."""
    return tuple(job.view for job in params.jobs if job.view and source in job.needs)


def age_ms(world: World, view: str) -> int:
    """How far a view lies behind the source, in ms."""
    return world.now - world.store.through[view]


def read(
    world: World, params: Params, chosen: Ints, ids: Floats, seed: int, sample: Sample
) -> tuple[Floats, NDArray[np.bool_]]:
    """The rows as the model server gets them: views from the store, the rest as asked.

    Returns
    -------
    rows : ndarray, shape (requests, features)
        Nulls are NaN.
    bent : ndarray of bool, shape (requests,)
        Where a law of the source changed a value.
    """
    pool = params.pool
    rows = pool.rows.take(chosen, axis=0)
    bent = np.zeros(len(rows), bool)
    stored: set[int] = set()
    purposes = [f"{what}/{name}" for name in params.views for what in ("changed", "before")]
    draws = dict(zip(purposes, many_uniforms(ids, purposes, seed), strict=True))
    for name, (columns, ttl, changes_every) in params.views.items():
        stored.update(columns)
        age = age_ms(world, name)
        if age > ttl:
            rows[:, columns] = np.nan
            sample.outside_max_age += len(rows)
            continue
        changing = draws[f"changed/{name}"]
        changed = changing < 1.0 - math.exp(-age / changes_every)
        for fault, share, through in world.store.incomplete.get(name, ()):
            late = uniforms(ids, f"behind/{fault}", seed) < share
            late &= ~changed & (changing < 1.0 - math.exp((through - world.now) / changes_every))
            sample.hit(fault, int(np.count_nonzero(late)))
            changed |= late
        where = np.flatnonzero(changed)
        if len(where):
            before = draws[f"before/{name}"][where]
            # The entity's earlier value: of its own row before, or else, since the values of
            # a column stay distributed alike, of another row which asks at this hour.
            other = ordinary_rows(params, sample.t, before)
            if pool.previous is not None:
                own = pool.previous[chosen[where]]
                other = np.where(own >= 0, own, other)
            for column in columns:
                rows[where, column] = pool.rows[other, column]
        if world.store.row_laws[name]:
            bent |= bend_rows(rows, world.store.row_laws[name], ids, seed, sample.hits)
        missing = 0
        if world.store.row_laws[name] or not pool.whole(columns):
            null = np.zeros(len(rows), bool)
            for column in columns:
                null |= np.isnan(rows[:, column])
            missing = int(np.count_nonzero(null))
        sample.null += missing
        sample.fresh += len(rows) - missing
    live = [law for law in params.bends.row_laws if law.column not in stored]
    if live:
        bent |= bend_rows(rows, live, ids, seed, sample.hits)
    return rows, bent


def quarantine(world: World, params: Params, rows: Floats) -> NDArray[np.bool_]:
    """Withhold values outside the ranges under quarantine (they become nulls, in place).

    Returns
    -------
    ndarray of bool, shape (requests,)
        The rows that lost a value; they are kept out of training too.
    """
    held = np.zeros(len(rows), bool)
    for feature, (low, high) in world.quarantined.items():
        column = params.pool.index(feature)
        value = rows[:, column]
        bad = ~((value >= low) & (value <= high))
        rows[bad, column] = np.nan
        held |= bad
    return held


def materialize(world: World, params: Params, view: str, data_time: int) -> int:
    """Fill a view with the rows up to `data_time`, as the source speaks of them now.

    Returns
    -------
    int
        Rows written: as many as the usual traffic asks about in the time that the run covers,
        if no file ends before. Who comes in a surge asks about no other rows.
    """
    columns = params.views[view][0]
    covered = arrivals.expected_requests(
        params, min(world.store.through[view], data_time), data_time
    )
    behind = [law for law in params.bends.incomplete_materializations if view in law.views]
    rows = min([round(covered), *(law.cap for law in behind if law.cap is not None)])
    missed = [(law.fault, law.missing_share(round(covered)), data_time - law.ms) for law in behind]
    world.store.incomplete[view] = tuple(one for one in missed if one[1] > 0)
    world.store.row_laws[view] = tuple(
        law for law in params.bends.row_laws if law.column in columns
    )
    world.store.through[view] = max(world.store.through[view], data_time)
    world.store.written[view] += rows
    return rows
