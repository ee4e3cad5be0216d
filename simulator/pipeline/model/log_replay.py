"""Rows of the offline store that are lost, and read again from their source.

A store that is restored to a state before a time has lost what was logged since: no training reads
it. The source still has those events. To read them again takes time, and is done under the laws
of that time: a source that still delivers nulls delivers them again.
"""

import numpy as np

from simulator.pipeline.arrays import Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.model import feature_store, label_recording, labels
from simulator.pipeline.model.label_leaks import leak_labels
from simulator.pipeline.rows import bend_rows
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import LogReplay, RowLog, World

# Times as fast as the events came in: half an hour of rows in a minute.
SPEED = 30


def lose(log: RowLog, since: int, until: int) -> int:
    """Lose the rows scored in (since, until], ms; returns how many are newly lost."""
    rows = labels.logged_between(log, since, until)
    newly = int(np.count_nonzero(~log.lost[rows]))
    log.lost[rows] = True
    if newly:
        last = int(log.at[rows[-1]])
        log.newest_lost = last if log.newest_lost is None else max(last, log.newest_lost)
    return newly


def oldest(log: RowLog) -> int | None:
    """The time of the oldest row, ms; None without any."""
    written = log.at[log.at > labels.NEVER]
    return int(written.min()) if len(written) else None


def step(world: World, params: Params, seed: int, sample: Sample) -> None:
    """Read on, for every replay under way; all wait while a source delivers nothing."""
    if params.bends.missing_sources:
        return
    for replay in world.log.replays:
        until = min(replay.until, replay.since + SPEED * sample.dt)
        rows = labels.logged_between(world.log, replay.since, until)
        read_again(world, params, rows[world.log.lost[rows]], seed, sample)
        replay.since = until
    world.log.replays = [r for r in world.log.replays if r.since < r.until]


def start(log: RowLog) -> int:
    """Begin to read all lost rows again; returns how long it takes, ms."""
    times = log.at[log.lost]
    log.replays = [LogReplay(int(times.min()) - 1, int(times.max()))]
    return int(times.max() - times.min()) // SPEED


def read_again(world: World, params: Params, rows: Ints, seed: int, sample: Sample) -> None:
    """Replace lost rows, by index, by what their source delivers now.

    A copy of a row that was delivered twice is excluded, as a sink does that writes by key.
    """
    log, pool = world.log, params.pool
    source, ids = log.source_row[rows], log.id[rows]
    values = pool.rows[source]
    bent = bend_rows(values, params.bends.row_laws, ids, seed, sample.hits)
    excluded = feature_store.quarantine(world, params, values)
    records = label_recording.LabelRecords(
        ids, values, log.positive[rows], log.truth[rows], pool.lag_ms[source]
    )
    laws = params.bends.label_recording
    bent |= label_recording.bend_records(laws, records, seed, sample.hits)
    if params.bends.label_leaks:
        bent |= leak_labels(params, values, records.label, ids, seed, sample)
    if not params.bends.duplicated_rows:
        _, first = np.unique(ids, return_index=True)
        excluded |= ~np.isin(np.arange(len(ids)), first)
    log.rows[rows], log.label[rows] = values, records.label
    log.label_at[rows] = (log.at[rows] + records.lag_ms).astype(np.int64)
    log.bent[rows], log.kept[rows], log.lost[rows] = bent, ~excluded, False
