"""Labels on their way back and the offline store: live accuracy is known only hours later.

Each prediction is counted under the minute in which its label will arrive. The label join, a job
of the batch graph, adds up the minutes until its own time: if it stops, live accuracy freezes
instead of falling.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.pipeline.world import Labels, RowLog, World

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
# Sixteen days of minutes, half of them before the label join. A label may take five days and be
# recorded two days later, and the join may stop for one more before waiting labels are
# overwritten; windows look a week back.
RING = 16 * 24 * 60
LONGEST_LAG = 5 * DAY
LONGEST_WINDOW = 7 * DAY
NEVER = np.iinfo(np.int64).min  # the time of a row that was never written


def empty_labels(start: int) -> Labels:
    """Counts before the first prediction."""
    total, correct, positive, true_positive, lag = np.zeros((5, RING))
    return Labels(total, correct, positive, true_positive, lag, np.zeros(5), start)


def empty_log(rows: int, features: int) -> RowLog:
    """An empty offline store with room for `rows`."""
    return RowLog(
        at=np.full(rows, NEVER, np.int64),
        id=np.zeros(rows),
        rows=np.zeros((rows, features)),
        score=np.zeros(rows),
        positive=np.zeros(rows, bool),
        label=np.zeros(rows, np.int8),
        label_at=np.full(rows, NEVER, np.int64),
        truth=np.zeros(rows, np.int8),
        source_row=np.full(rows, -1, np.int64),
        kept=np.ones(rows, bool),
        lost=np.zeros(rows, bool),
        bent=np.zeros(rows, bool),
        canary=np.zeros(rows, bool),
    )


def schedule(
    labels: Labels,
    now: int,
    lag_ms: Floats,
    correct: Bools,
    label: NDArray[np.int8],
    weight: int = 1,
) -> None:
    """Count predictions under the minutes in which their labels will arrive.

    Parameters
    ----------
    now : int, ms
    lag_ms : ndarray, shape (predictions,)
        At most a week.
    correct : ndarray of bool, shape (predictions,)
    label : ndarray of int8, shape (predictions,)
    weight : int
        The number of predictions that each of them stands for.
    """
    # Times are integers: a floor after the division is exact, and // takes three times as long.
    minute = np.floor((now + lag_ms) / MINUTE).astype(np.int64) % RING
    count = float(weight)  # of the type of the columns, else `add.at` takes a slow path
    positive = label == 1
    np.add.at(labels.total, minute, count)
    np.add.at(labels.correct, minute[correct], count)
    np.add.at(labels.positive, minute[positive], count)
    np.add.at(labels.true_positive, minute[correct & positive], count)
    np.add.at(labels.lag, minute, count * lag_ms)


def join(world: World, through: int) -> int:
    """Join the labels that arrived up to `through`, in ms; returns their number."""
    labels = world.labels
    first, last = labels.joined_through // MINUTE, through // MINUTE
    if last <= first:
        return 0
    minutes = np.arange(first, last) % RING
    columns = (labels.total, labels.correct, labels.positive, labels.true_positive, labels.lag)
    new = np.array([column[minutes].sum() for column in columns])
    labels.arrived += new
    # Clear the opposite side of the ring: it is far from both ends and written next.
    stale = (np.arange(first, last) + RING // 2) % RING
    for column in columns:
        column[stale] = 0.0
    labels.joined_through = last * MINUTE
    return int(new[0])


class LabelCounts(NamedTuple):
    """Predictions with a label: their confusion matrix, by its margins.

    Examples
    --------
    >>> counts = LabelCounts(total=100.0, correct=90.0, positive=20.0, true_positive=15.0)
    >>> counts.predicted_positive, counts.precision, counts.recall
    (20.0, 0.75, 0.75)
    >>> LabelCounts(5.0, 5.0, 0.0, 0.0).recall
    nan
    """

    total: float
    correct: float
    positive: float  # labels
    true_positive: float

    @property
    def accuracy(self) -> float:
        """The share of correct predictions; NaN without any label."""
        return self.correct / self.total if self.total else math.nan

    @property
    def predicted_positive(self) -> float:
        """True and false positives."""
        false_negative = self.positive - self.true_positive
        false_positive = self.total - self.correct - false_negative
        return self.true_positive + false_positive

    @property
    def precision(self) -> float:
        """The share of positive labels among positive predictions; NaN without any."""
        predicted = self.predicted_positive
        return self.true_positive / predicted if predicted else math.nan

    @property
    def recall(self) -> float:
        """The share of positive predictions among positive labels; NaN without any."""
        return self.true_positive / self.positive if self.positive else math.nan


def count_window(labels: Labels, length: int) -> LabelCounts:
    """The labels joined in the last `length` ms, and the predictions of their rows."""
    last = labels.joined_through // MINUTE
    minutes = np.arange(last - length // MINUTE, last) % RING
    columns = (labels.total, labels.correct, labels.positive, labels.true_positive)
    return LabelCounts(*(float(column[minutes].sum()) for column in columns))


def log_rows(
    log: RowLog,
    now: int,
    ids: Floats,
    rows: Floats,
    score: Floats,
    positive: Bools,
    label: NDArray[np.int8],
    label_at: Ints,
    kept: Bools,
    bent: Bools,
    canary: Bools,
    truth: NDArray[np.int8] | int = 0,
    source_row: Ints | int = -1,
) -> None:
    """Write scored rows to the offline store, over the oldest ones."""
    size, end = len(log.at), log.next + len(rows)
    # A slice takes a third of the time of indices, thirteen times a tick.
    where: slice | Ints = slice(log.next, end)
    if end > size:
        where = np.arange(log.next, end) % size
    log.at[where] = now
    log.id[where] = ids
    log.rows[where] = rows
    log.score[where] = score
    log.positive[where] = positive
    log.label[where] = label
    log.label_at[where] = label_at
    log.truth[where] = truth
    log.source_row[where] = source_row
    log.kept[where] = kept
    log.lost[where] = False
    log.bent[where] = bent
    log.canary[where] = canary
    log.next = int(end % size)


def logged_between(log: RowLog, since: int, until: int) -> Ints:
    """The indices of the rows scored in (since, until], oldest first."""
    # Times ascend before and after the seam of the ring: two binary searches in each part.
    parts = []
    for start, end in ((log.next, len(log.at)), (0, log.next)):
        at = log.at[start:end]
        first, last = np.searchsorted(at, [since, until], side="right")
        parts.append(np.arange(start + first, start + last))
    return np.concatenate(parts)
