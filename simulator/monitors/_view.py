"""The data a monitor may read: logged rows, scores, joined labels and reference rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from simulator.monitors._labelled_answers import LabelledAnswers
from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.model import feature_store, labels
from simulator.pipeline.model.labels import LabelCounts
from simulator.pipeline.rows import Column
from simulator.pipeline.world import World

T = TypeVar("T")
HOUR_MS = 3_600_000
MIN_REFERENCE_ROWS = 500
PARTS_PER_HOUR = 8  # the resolution of an hour's share of a window, of an even share


class Reference(NamedTuple):
    """Reference rows, and what was computed from them so far.

    Attributes
    ----------
    key : hashable
        Equal for equal rows.
    rows : ndarray, shape (rows, features)
    memo : dict
        Lives as long as the rows do.
    """

    key: Hashable
    rows: Floats
    memo: dict[Hashable, Any]

    def memoize(self, name: Hashable, compute: Callable[[], T]) -> T:
        """A value computed from these rows once."""
        return _computed_once(self.memo, (name, self.key), compute)

    def sorted_column(self, i: int) -> Floats:
        """The values of a column in ascending order, without nulls."""
        return self.memoize(("sorted", i), lambda: sorted_values(self.rows[:, i]))


class MonitorView:
    """A monitor's read access to the pipeline.

    Parameters
    ----------
    world, params : World, Params
    memo : dict, optional
        Values computed from the rows that the champion was trained on. It belongs to one
        run: version 8 of another seed was trained on other rows.

    Attributes
    ----------
    state : dict
        The evaluating monitor's own state between evaluations; bounded, copied with the run.
    """

    def __init__(
        self, world: World, params: Params, memo: dict[Hashable, Any] | None = None
    ) -> None:
        self._world = world
        self._params = params
        self._memo: dict[Hashable, Any] = {} if memo is None else memo
        self._cache: dict[Hashable, Any] = {}
        self.now = world.now
        self.columns: tuple[Column, ...] = params.pool.columns
        self.state: dict[str, Any] = {}

    def row_indices(self, window: int) -> Ints:
        """Indices in the log of the rows scored in the last `window` ms, oldest first."""
        return self._cached(
            ("logged", window),
            lambda: labels.logged_between(self._world.log, self.now - window, self.now),
        )

    def rows(self, window: int) -> Floats:
        """The rows scored in the last `window` ms, shape (rows, features), nulls NaN."""
        return self._cached(
            ("rows", window), lambda: self._world.log.rows.take(self.row_indices(window), axis=0)
        )

    def sorted_column(self, window: int, i: int) -> Floats:
        """A column of those rows in ascending order, without nulls; sorted once for all."""
        return self._cached(("sorted", window, i), lambda: sorted_values(self.rows(window)[:, i]))

    def scores(self, window: int) -> Floats:
        """Log odds predicted in the last `window` ms."""
        return self._world.log.score[self.row_indices(window)]

    def decisions(self, window: int) -> Bools:
        """Whether the predictions of the last `window` ms were positive."""
        return self._world.log.positive[self.row_indices(window)]

    @property
    def delivered_share(self) -> float:
        """The share of the rows that jobs expect of their emptiest source that is there."""
        return self._world.jobs.delivered

    @property
    def joined_through(self) -> int:
        """The time up to which labels were joined, ms."""
        return self._world.labels.joined_through

    def labelled(self, window: int) -> LabelledAnswers:
        """The answers whose label was joined in the last `window` ms."""
        log, rows = self._world.log, self._labelled_rows(window)
        label = log.label[rows] == 1
        return LabelledAnswers(log.score[rows], log.positive[rows], label, log.canary[rows])

    def labelled_column(self, window: int, i: int) -> Floats:
        """A column of the rows of these answers, nulls NaN."""
        values: Floats = self._world.log.rows[self._labelled_rows(window), i]
        return values

    def variant_decisions(self, window: int, canary: bool) -> Bools:
        """Predictions of the last `window` ms by the canary, or by the champion."""
        rows, log = self.row_indices(window), self._world.log
        decisions: Bools = log.positive[rows[log.canary[rows] == canary]]
        return decisions

    def prediction_errors(self, window: int) -> tuple[Floats, Floats]:
        """Wrong predictions among the labels joined in `window` ms, and the expected rate.

        Returns
        -------
        wrong : ndarray, shape (labels,)
            1 where the prediction was wrong, in the order of the labels' arrival.
        expected : ndarray, shape (labels,)
            The champion's error rate on reference rows of the hour of each prediction.
        """
        log, labelled = self._world.log, self._labelled_rows(window)
        labelled = labelled[log.label_at[labelled].argsort(kind="stable")]
        wrong = log.positive[labelled] != (log.label[labelled] == 1)
        hour = (self._params.start_ms_of_day + log.at[labelled]) // HOUR_MS % 24
        return wrong.astype(np.float64), self._error_rate_by_hour()[hour]

    def label_counts(self, window: int) -> LabelCounts:
        """The labels joined in the last `window` ms, of every request and not of the log only."""
        return labels.count_window(self._world.labels, window)

    def column_age(self, i: int) -> int:
        """The age of a column, ms: of its feature view, else of its newest value."""
        for name, (columns, *_) in self._params.views.items():
            if i in columns:
                return feature_store.age_ms(self._world, name)
        return self._age_of_newest(~np.isnan(self._world.log.rows[:, i]))

    def row_age(self) -> int:
        """The age of the newest row, ms."""
        return self._age_of_newest(np.ones(len(self._world.log.at), bool))

    def reference(self, window: int) -> Reference:
        """Reference rows: those that the champion was trained on.

        Versions from before the drill compare with the same hours of the weeks before, in the
        shares in which the window has them. Measured, a whole day as reference lets the main
        feature's PSI exceed .25 in 82 % of clean half-hours, and two hours in equal shares that of
        the carrier in the first minutes of an hour.
        """
        return self._cached(("reference", window), lambda: self._reference(window))

    def reference_scores(self, window: int) -> Floats:
        """The champion's log odds for the reference rows."""
        reference, champion = self.reference(window), self._world.releases.model
        model = self._world.versions[champion]
        return reference.memoize(("scores", champion), lambda: model.logit(reference.rows))

    def _reference(self, window: int) -> Reference:
        champion = self._world.releases.model
        trained = self._world.trained.get(champion)
        parts = self._parts_by_hour(window)
        if trained is None:
            pool = self._params.pool
            return _mix_hours(("hours", *parts.items()), pool.rows, pool.by_hour, parts, pool.memo)
        if self._memo.get("champion") != champion:
            # The values of the former champion are never needed again.
            self._memo.clear()
            self._memo["champion"] = champion
        hours = (self._params.start_ms_of_day + trained["reference_at"]) // HOUR_MS % 24
        by_hour = [np.flatnonzero(hours == hour) for hour in range(24)]
        # A version trained on less than a day may lack these hours.
        if sum(len(by_hour[hour]) for hour in parts) < MIN_REFERENCE_ROWS:
            return Reference(("version", champion), trained["reference"], self._memo)
        key = ("version", champion, *parts.items())
        return _mix_hours(key, trained["reference"], by_hour, parts, self._memo)

    def _parts_by_hour(self, window: int) -> dict[int, int]:
        """Each hour of day's share of the window's rows in parts; of two hours, sixteenths.

        Rows differ from hour to hour: if nine in ten rows of a window are of one hour, so are
        their reference rows.
        """
        at = self._world.log.at[self.row_indices(window)]
        if not len(at):
            at = np.arange(self.now - window, self.now, HOUR_MS // 4)
        # A tick's rows bear its end but arrived before: at ten sharp, between nine and ten.
        hours = (self._params.start_ms_of_day + at - 1) // HOUR_MS % 24
        count = np.bincount(hours, minlength=24)
        scale = PARTS_PER_HOUR * np.count_nonzero(count) / count.sum()
        parts = np.rint(count * scale).astype(np.int64)
        common = math.gcd(*parts.tolist())
        return {hour: int(parts[hour]) // common for hour in np.flatnonzero(parts).tolist()}

    def _labelled_rows(self, window: int) -> Ints:
        """Indices of the rows whose label was joined in the last `window` ms."""

        def compute() -> Ints:
            log, joined = self._world.log, self._world.labels.joined_through
            # A label comes after its row, and never in a slot without a row.
            return np.flatnonzero((log.label_at > joined - window) & (log.label_at <= joined))

        return self._cached(("labelled", window), compute)

    def _error_rate_by_hour(self) -> Floats:
        champion, pool = self._world.releases.model, self._params.pool
        cutoff = self._world.tuning.cutoff
        trained = self._world.trained.get(champion)
        if trained is not None:
            return np.full(24, 1.0 - trained["accuracy"])

        def compute() -> Floats:
            predicted = self._world.versions[champion].logit(pool.rows) > cutoff
            wrong = predicted != (pool.label == 1)
            return np.array([wrong[rows].mean() if len(rows) else np.nan for rows in pool.by_hour])

        return _computed_once(pool.memo, ("errors", champion, cutoff), compute)

    def _age_of_newest(self, chosen: Bools) -> int:
        at = self._world.log.at[chosen & (self._world.log.at > labels.NEVER)]
        return int(self.now - (at.max() if len(at) else self._world.initial_training_at))

    def _cached(self, key: Hashable, compute: Callable[[], T]) -> T:
        return _computed_once(self._cache, key, compute)


def _computed_once(memo: dict[Hashable, Any], key: Hashable, compute: Callable[[], T]) -> T:
    if key not in memo:
        memo[key] = compute()
    value: T = memo[key]
    return value


def _mix_hours(
    key: Hashable,
    rows: Floats,
    by_hour: Sequence[Ints],
    parts: Mapping[int, int],
    memo: dict[Hashable, Any],
) -> Reference:
    """As many rows as possible with the given shares of the hours."""
    if key not in memo:
        present = {hour: n for hour, n in parts.items() if len(by_hour[hour])}
        per_part = min((len(by_hour[hour]) / n for hour, n in present.items()), default=0.0)
        chosen = [_thin(by_hour[hour], round(per_part * n)) for hour, n in present.items()]
        memo[key] = rows.take(np.concatenate(chosen) if chosen else np.empty(0, np.int64), axis=0)
    return Reference(key, memo[key], memo)


def _thin(indices: Ints, count: int) -> Ints:
    """Evenly spaced indices, `count` of them.

    Examples
    --------
    >>> _thin(np.arange(6), 4).tolist(), _thin(np.arange(3), 3).tolist()
    ([0, 1, 3, 4], [0, 1, 2])
    """
    return indices[np.arange(count) * len(indices) // max(count, 1)]


def sorted_values(values: Floats) -> Floats:
    """The values in ascending order, without nulls.

    Examples
    --------
    >>> sorted_values(np.array([2.0, np.nan, 1.0])).tolist()
    [1.0, 2.0]
    """
    ordered = np.sort(values)
    # NaN sorts last.
    return ordered[: len(ordered) - np.count_nonzero(np.isnan(values))]
