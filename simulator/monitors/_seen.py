"""What a monitor may look at: the team's own rows, scores, labels and reference rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Floats, Ints
from simulator.pipeline.laws import Params
from simulator.pipeline.model import labels
from simulator.pipeline.rows import Column
from simulator.pipeline.world import World

HOUR_MS = 3_600_000
ENOUGH = 500  # rows that a distribution is compared with at least
PARTS = 8  # an hour's share of a window is told to a part in so many of an even share


class Reference(NamedTuple):
    """The rows that others are compared with, and what was computed from them so far.

    Attributes
    ----------
    key : hashable
        The same for the same rows.
    rows : ndarray, shape (rows, features)
    memo : dict
        Lives as long as the rows do.
    """

    key: Hashable
    rows: Floats
    memo: dict[Hashable, Any]

    def remember(self, what: Hashable, make: Callable[[], Any]) -> Any:
        """Something computed from these rows, once."""
        place = (what, self.key)
        if place not in self.memo:
            self.memo[place] = make()
        return self.memo[place]

    def column(self, i: int) -> Floats:
        """The values of a column in ascending order, without nulls."""
        found: Floats = self.remember(("sorted", i), lambda: ascending(self.rows[:, i]))
        return found


class Seen:
    """What a monitor may look at.

    Parameters
    ----------
    world, params : World, Params
    memo : dict, optional
        What was computed from the rows that the champion was trained on. It belongs to one
        run: version 8 of another seed was trained on other rows.

    Attributes
    ----------
    memory : dict
        What the monitor that looks now kept from its looks before; bounded, copied with
        the run.
    """

    def __init__(
        self, world: World, params: Params, memo: dict[Hashable, Any] | None = None
    ) -> None:
        self._world = world
        self._params = params
        self._memo: dict[Hashable, Any] = {} if memo is None else memo
        self._found: dict[Hashable, Any] = {}
        self.now = world.now
        self.columns: tuple[Column, ...] = params.pool.columns
        self.memory: dict[str, Any] = {}

    def logged(self, window: int) -> Ints:
        """Numbers of the rows scored in the last `window` ms, oldest first."""
        found: Ints = self._once(
            ("logged", window),
            lambda: labels.recent(self._world.log, self.now - window, self.now),
        )
        return found

    def rows(self, window: int) -> Floats:
        """The rows scored in the last `window` ms, shape (rows, features), nulls NaN."""
        found: Floats = self._once(
            ("rows", window), lambda: self._world.log.rows.take(self.logged(window), axis=0)
        )
        return found

    def column(self, window: int, i: int) -> Floats:
        """A column of those rows in ascending order, without nulls: sorted once for all."""
        found: Floats = self._once(
            ("sorted", window, i), lambda: ascending(self.rows(window)[:, i])
        )
        return found

    def scores(self, window: int) -> Floats:
        """Log odds that were answered in the last `window` ms."""
        return self._world.log.score[self.logged(window)]

    @property
    def joined_through(self) -> int:
        """The time up to which labels were joined, ms."""
        return self._world.labels.joined_through

    def labelled(self, window: int) -> tuple[Floats, Ints]:
        """Scores and labels of rows whose label was joined in the last `window` ms."""
        log, known = self._world.log, self._known(window)
        return log.score[known], log.label[known].astype(np.int64)

    def by_variant(self, window: int) -> tuple[Floats, Ints, NDArray[np.bool_]]:
        """As `labelled`, and which of the rows a canary answered."""
        return *self.labelled(window), self._world.log.canary[self._known(window)]

    def answered(self, window: int, canary: bool) -> Floats:
        """Log odds answered in the last `window` ms by the canary, or by the champion."""
        rows, log = self.logged(window), self._world.log
        found: Floats = log.score[rows[log.canary[rows] == canary]]
        return found

    def outcomes(self, window: int) -> tuple[Floats, Floats]:
        """Wrong predictions among the labels joined in `window` ms, and how many to expect.

        Returns
        -------
        wrong : ndarray, shape (labels,)
            1 where the prediction was wrong, in the order in which the labels came.
        expected : ndarray, shape (labels,)
            The champion's share of errors on reference rows of the hour of each prediction.
        """
        log, known = self._world.log, self._known(window)
        known = known[log.label_at[known].argsort(kind="stable")]
        wrong = (log.score[known] > 0) != (log.label[known] == 1)
        hour = (self._params.start_ms_of_day + log.at[known]) // HOUR_MS % 24
        return wrong.astype(np.float64), self._error_by_hour()[hour]

    def joined(self, window: int) -> tuple[float, float, float]:
        """Labels, right predictions and positive labels among those joined in `window` ms."""
        return labels.window(self._world.labels, window)

    def age(self, i: int) -> int:
        """How old, in ms, what is known of a column is: its view's, else its newest value's."""
        for name, (columns, *_) in self._params.views.items():
            if i in columns:
                return self.now - self._world.store.through[name]
        return self._since(~np.isnan(self._world.log.rows[:, i]))

    def row_age(self) -> int:
        """How long ago, in ms, the newest row was scored."""
        return self._since(np.ones(len(self._world.log.at), bool))

    def reference(self, window: int) -> Reference:
        """What rows used to look like: those that the champion was trained on.

        Versions from before the drill compare with the same hours of the weeks before, in the
        shares in which the window has them. Measured, a whole day as reference lets the main
        feature's PSI exceed .25 in 82 % of clean half-hours, and two hours in equal shares that of
        the carrier in the first minutes of an hour.
        """
        found: Reference = self._once(("reference", window), lambda: self._reference(window))
        return found

    def reference_scores(self, window: int) -> Floats:
        """What the champion says of the reference rows, log odds."""
        reference, champion = self.reference(window), self._world.releases.model
        model = self._world.versions[champion]
        found: Floats = reference.remember(
            ("scores", champion), lambda: model.logit(reference.rows)
        )
        return found

    def _reference(self, window: int) -> Reference:
        champion = self._world.releases.model
        trained = self._world.trained.get(champion)
        parts = self._hours(window)
        if trained is None:
            pool = self._params.pool
            return _mixed(("hours", *parts.items()), pool.rows, pool.by_hour, parts, pool.memo)
        if self._memo.get("champion") != champion:
            # What was computed for the version before is not asked for again.
            self._memo.clear()
            self._memo["champion"] = champion
        hour = (self._params.start_ms_of_day + trained["reference_at"]) // HOUR_MS % 24
        by_hour = [np.flatnonzero(hour == one) for one in range(24)]
        # A version trained on less than a day may not know these hours.
        if sum(len(by_hour[one]) for one in parts) < ENOUGH:
            return Reference(("version", champion), trained["reference"], self._memo)
        key = ("version", champion, *parts.items())
        return _mixed(key, trained["reference"], by_hour, parts, self._memo)

    def _hours(self, window: int) -> dict[int, int]:
        """How many parts of the window's rows each hour of day has; of two, sixteenths.

        What they look like differs from hour to hour: where nine in ten of a window are of one
        hour, so are those that they are compared with.
        """
        at = self._world.log.at[self.logged(window)]
        if not len(at):
            at = np.arange(self.now - window, self.now, HOUR_MS // 4)
        # A tick's rows bear its end, and were asked for before: at ten sharp, between nine and ten.
        hour = (self._params.start_ms_of_day + at - 1) // HOUR_MS % 24
        count = np.bincount(hour, minlength=24)
        parts = np.rint(count * (PARTS * np.count_nonzero(count) / count.sum())).astype(np.int64)
        common = math.gcd(*parts.tolist())
        return {one: int(parts[one]) // common for one in np.flatnonzero(parts).tolist()}

    def _known(self, window: int) -> Ints:
        """Numbers of the rows whose label was joined in the last `window` ms."""

        def find() -> Ints:
            log, joined = self._world.log, self._world.labels.joined_through
            # A label comes after its row, and where no row has been written never.
            return np.flatnonzero((log.label_at > joined - window) & (log.label_at <= joined))

        found: Ints = self._once(("known", window), find)
        return found

    def _error_by_hour(self) -> Floats:
        champion, pool = self._world.releases.model, self._params.pool
        trained = self._world.trained.get(champion)
        if trained is not None:
            return np.full(24, 1.0 - trained["accuracy"])
        key = ("errors", champion)
        if key not in pool.memo:
            wrong = (self._world.versions[champion].logit(pool.rows) > 0) != (pool.label == 1)
            pool.memo[key] = np.array(
                [wrong[rows].mean() if len(rows) else np.nan for rows in pool.by_hour]
            )
        found: Floats = pool.memo[key]
        return found

    def _since(self, chosen: NDArray[np.bool_]) -> int:
        at = self._world.log.at[chosen & (self._world.log.at > labels.NEVER)]
        return int(self.now - (at.max() if len(at) else self._world.birth))

    def _once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        if key not in self._found:
            self._found[key] = make()
        return self._found[key]


def _mixed(
    key: Hashable,
    rows: Floats,
    by_hour: Sequence[Ints],
    parts: Mapping[int, int],
    memo: dict[Hashable, Any],
) -> Reference:
    """Rows of several hours, so many parts of each, as many as there are at the most."""
    if key not in memo:
        there = {one: n for one, n in parts.items() if len(by_hour[one])}
        each = min((len(by_hour[one]) / n for one, n in there.items()), default=0.0)
        chosen = [_spread(by_hour[one], round(each * n)) for one, n in there.items()]
        memo[key] = rows.take(np.concatenate(chosen) if chosen else np.empty(0, np.int64), axis=0)
    return Reference(key, memo[key], memo)


def _spread(numbers: Ints, count: int) -> Ints:
    """So many of them, evenly from the first to the last.

    Examples
    --------
    >>> _spread(np.arange(6), 4).tolist(), _spread(np.arange(3), 3).tolist()
    ([0, 1, 3, 4], [0, 1, 2])
    """
    return numbers[np.arange(count) * len(numbers) // max(count, 1)]


def ascending(values: Floats) -> Floats:
    """Sorted, without nulls.

    Examples
    --------
    >>> ascending(np.array([2.0, np.nan, 1.0])).tolist()
    [1.0, 2.0]
    """
    ordered = np.sort(values)
    # NaN sorts last.
    return ordered[: len(ordered) - np.count_nonzero(np.isnan(values))]
