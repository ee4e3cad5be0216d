"""The online feature store: the values in its views, and how stale they are.

Materialization runs fill a view. Between two runs the entities change: the value of one changes
at random, once in `changes_every` on average. A read then returns the *previous* value, which
looks like any other value of the column: its distribution does not move, and no drift statistic
detects a stale store. A view older than its time to live returns nulls, as Feast does
(OUTSIDE_MAX_AGE).

The last run also fixes the row laws of a view: rows that arrived in hours stay in hours until
the view is materialized again. Each run leaves a snapshot, which reads can be pinned to.
"""

import math
from collections.abc import Sequence

import numpy as np

from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.pipeline.bends import MissingSource
from simulator.pipeline.laws import Params
from simulator.pipeline.model import snapshots
from simulator.pipeline.model.ground_truth import rows_at_hour
from simulator.pipeline.model.view_states import ViewState
from simulator.pipeline.requests import DEPEND
from simulator.pipeline.rows import RowLaw, bend_rows
from simulator.pipeline.sample import Sample
from simulator.pipeline.traffic import arrivals
from simulator.pipeline.world import World
from simulator.streams import many_uniforms, uniforms


def views_fed_by(params: Params, source: str) -> tuple[str, ...]:
    """The views that jobs fill from a source."""
    return tuple(job.view for job in params.jobs if job.view and source in job.needs)


def served(world: World, view: str) -> ViewState:
    """The state of a view that reads get: the pinned one, else that of the last run."""
    return world.store.pinned.get(view) or snapshots.live_state(world.store, view, world.now)


def age_ms(world: World, view: str) -> int:
    """The lag behind their source of the values that a view serves, in ms."""
    return world.now - served(world, view).through


def read(
    world: World, params: Params, chosen: Ints, ids: Floats, seed: int, sample: Sample
) -> tuple[Floats, Bools]:
    """The rows that the model server reads: views from the store, other columns from the request.

    Returns
    -------
    rows : ndarray, shape (requests, features)
        Nulls are NaN.
    bent : ndarray of bool, shape (requests,)
        The rows in which a row law changed a value.
    """
    pool = params.pool
    rows = pool.rows.take(chosen, axis=0)
    bent = np.zeros(len(rows), bool)
    stored: set[int] = set()
    purposes = [f"{kind}/{name}" for name in params.views for kind in ("changed", "before")]
    draws = dict(zip(purposes, many_uniforms(ids, purposes, seed), strict=True))
    for name, (columns, ttl, changes_every) in params.views.items():
        stored.update(columns)
        state = served(world, name)
        age = world.now - state.through
        if age > ttl:
            rows[:, columns] = np.nan
            sample.outside_max_age += len(rows)
            continue
        draw = draws[f"changed/{name}"]
        changed = draw < 1.0 - math.exp(-age / changes_every)
        for fault, share, through in state.incomplete:
            late = uniforms(ids, f"behind/{fault}", seed) < share
            late &= ~changed & (draw < 1.0 - math.exp((through - world.now) / changes_every))
            sample.hit(fault, int(np.count_nonzero(late)))
            changed |= late
        stale = np.flatnonzero(changed)
        if len(stale):
            # The previous value of the entity: from its own previous row, else, since the
            # distribution of a column is constant, from another row of this hour.
            previous = rows_at_hour(params, sample.t, draws[f"before/{name}"][stale])
            if pool.previous is not None:
                own = pool.previous[chosen[stale]]
                previous = np.where(own >= 0, own, previous)
            for column in columns:
                rows[stale, column] = pool.rows[previous, column]
        if state.row_laws:
            bent |= bend_rows(rows, state.row_laws, ids, seed, sample.hits)
        nulls = 0
        if state.row_laws or not pool.without_nulls(columns):
            null = np.zeros(len(rows), bool)
            for column in columns:
                null |= np.isnan(rows[:, column])
            nulls = int(np.count_nonzero(null))
        sample.null += nulls
        sample.fresh += len(rows) - nulls
    request_laws = [law for law in params.bends.row_laws if law.column not in stored]
    if request_laws:
        bent |= bend_rows(rows, request_laws, ids, seed, sample.hits)
    return rows, bent


def withhold(params: Params, rows: Floats, requests: Floats) -> None:
    """Null, in place, the columns of all views in the rows of requests whose read was cut."""
    cut = np.isinf(requests[:, DEPEND])
    for columns, _, _ in params.views.values():
        for column in columns:
            rows[cut, column] = np.nan


def quarantine(world: World, params: Params, rows: Floats) -> Bools:
    """Null, in place, the values outside the ranges of quarantined features.

    Returns
    -------
    ndarray of bool, shape (requests,)
        The rows that lost a value; they are excluded from training too.
    """
    excluded = np.zeros(len(rows), bool)
    for feature, (low, high) in world.quarantined.items():
        column = params.pool.index(feature)
        value = rows[:, column]
        outside = ~((value >= low) & (value <= high))
        rows[outside, column] = np.nan
        excluded |= outside
    return excluded


def materialize(
    world: World,
    params: Params,
    view: str,
    data_time: int,
    absent: Sequence[MissingSource] = (),
) -> int:
    """Fill a view with the rows up to `data_time`, under the row laws of this tick.

    Parameters
    ----------
    absent : sequence of MissingSource
        Sources without all of their rows that are read all the same: the run writes nulls over
        good values.

    Returns
    -------
    int
        Rows written: as many as the usual traffic requests in the time that the run covers,
        unless a file is truncated. The requests of a surge add no rows.
    """
    store, columns = world.store, params.views[view][0]
    if data_time < store.through[view] and snapshots.law_of(params, view).keeps_newer:
        return 0
    covered = arrivals.expected_requests(params, *sorted((store.through[view], data_time)))
    laws = [law for law in params.bends.incomplete_materializations if view in law.views]
    rows = min([round(covered), *(law.cap for law in laws if law.cap is not None)])
    missing = [(law.fault, law.missing_share(round(covered)), data_time - law.ms) for law in laws]
    row_laws = [law for law in params.bends.row_laws if law.column in columns]
    if absent:
        rows, missing = round(rows * min(1.0 - gap.missing for gap in absent)), []
        row_laws += [
            RowLaw(gap.fault, i, gap.missing, null=True) for gap in absent for i in columns
        ]
    store.incomplete[view] = tuple(entry for entry in missing if entry[1] > 0)
    store.row_laws[view] = tuple(row_laws)
    store.through[view] = data_time
    store.written[view] += rows
    snapshots.take(world, params, view)
    return rows
