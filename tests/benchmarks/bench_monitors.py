"""The cost of monitoring data and model: scoring, logging, joining labels, and 12 detectors.

Run from the repository's root: ``python -m tests.benchmarks.bench_monitors``. 500 scored
rows a minute of twelve features, ticks of 5 s, a day of them. River's four detectors are
left out without river, and the comparison without scipy or scikit-learn.
"""

from __future__ import annotations

import pickle
import time
from importlib.util import find_spec
from typing import Any

import numpy as np

from simulator.datasets import synthetic
from simulator.datasets.request_pool import make_pool
from simulator.monitors import MONITORS, Monitor, MonitorRunner
from simulator.monitors._batch import BatchMonitor
from simulator.monitors._extras import install_hint
from simulator.pipeline.model import learner
from simulator.setting import load
from tests.benchmarks.clocks import median, table, time_in_turn
from tests.conftest import SMALL
from tests.monitors.rows import HOUR, MINUTE, Rows

TICK_MS = 5000
TICKS = 24 * HOUR // TICK_MS
A_MINUTE = 500
LIMIT_MS = 3.0
DETECTORS = (
    "psi", "ks", "chi_squared", "jensen_shannon", "wasserstein", "cusum", "shewhart", "ewma",
    "adwin", "page_hinkley", "kswin", "ddm",
)  # fmt: skip


def detectors(**args: Any) -> list[Monitor]:
    """The twelve detectors, without those that are not installed."""
    classes = [MONITORS.get(name) for name in DETECTORS]
    return [cls(**args) for cls in classes if not install_hint(*cls.requires)]


def world() -> Rows:
    """Twelve features, a model fitted on them, and no scored rows."""
    dataset = synthetic.load(20_000)
    all_rows = np.arange(len(dataset.rows))
    model = learner.fit(dataset.rows, dataset.label, dataset.columns, 1)
    return Rows(load(SMALL), make_pool(dataset, all_rows, model), model, 24 * 60 * A_MINUTE, now=0)


def day(monitors: list[Monitor]) -> tuple[np.ndarray, list[int], MonitorRunner, Rows]:
    """The ticks of a day: processor ms of each, and the size of the monitors' state by hour."""
    rows, took, sizes = world(), np.zeros(TICKS), []
    runner = MonitorRunner(monitors, rows.params.pool.columns)
    before = 0
    for i in range(TICKS):
        # 41 or 42 rows, so that twelve ticks have 500.
        now = (i + 1) * A_MINUTE * TICK_MS // MINUTE
        begin = time.process_time()
        rows.score(now - before, TICK_MS)
        if rows.world.now % (5 * MINUTE) == 0:
            rows.join()
        runner.run(rows.world, rows.params)
        took[i], before = (time.process_time() - begin) * 1000.0, now
        if rows.world.now % HOUR == 0:
            sizes.append(len(pickle.dumps(runner.states)))
    return took, sizes, runner, rows


def costs() -> None:
    """A day of ticks, with the usual interval and with an interval of a minute."""
    lines, grown = [], []
    for label, args in (
        ("every 5 min over 30 min", {}),
        ("every minute over 10 min", {"every": "1m", "window": "10m"}),
    ):
        monitors = detectors(**args)
        took, sizes, _, _ = day(monitors)
        hour = HOUR // TICK_MS
        lines.append((
            label,
            str(len(monitors)),
            f"{np.median(took):.3f}",
            f"{took.mean():.3f}",
            f"{took.max():.1f}",
            "yes" if np.median(took) <= LIMIT_MS else "NO",
        ))  # fmt: skip
        early, late = took[hour : 7 * hour].mean(), took[-6 * hour :].mean()
        grown.append((label, f"{early:.3f}", f"{late:.3f}", f"{sizes[1]:,}", f"{sizes[-1]:,}"))
    table(
        f"Data and model, {A_MINUTE} rows a minute, 12 features, {TICKS:,} ticks: processor ms",
        ("detectors look", "detectors", "median", "mean", "worst", f"median <= {LIMIT_MS:g} ms"),
        lines,
    )
    table(
        "The same day, early (hours 2 to 7) and late (the last 6): nothing grows",
        ("detectors look", "ms early", "ms late", "bytes at 2 h", "bytes at 24 h"),
        grown,
    )


def with_libraries(rows: Rows, window: int) -> None:
    """The five two-sample detectors, the model and its AUC, with scipy and scikit-learn."""
    from scipy import stats
    from scipy.spatial.distance import jensenshannon
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    model = with_libraries.__dict__.get("model")
    pool, view = rows.params.pool, rows.view
    if model is None:
        model = with_libraries.__dict__["model"] = LogisticRegression().fit(pool.rows, pool.label)
    old, new = view.reference(window).rows, view.rows(window)
    model.predict_proba(new)
    for i, column in enumerate(pool.columns):
        a, b = old[:, i], new[:, i]
        if column.categorical:
            edges = np.arange(len(column.levels) + 1) - 0.5
        else:
            stats.ks_2samp(a, b, method="asymp")
            stats.wasserstein_distance(a, b)
            edges = np.unique(np.quantile(a, np.linspace(0, 1, 11)))
            edges[0], edges[-1] = -np.inf, np.inf
        p, q = (np.maximum(np.histogram(x, edges)[0], 0.5) for x in (a, b))
        stats.chi2_contingency([p, q], correction=False)
        jensenshannon(p, q, base=2)
        ((q / len(b) - p / len(a)) * np.log(q / len(b) * len(a) / p)).sum()
    labelled = view.labelled(window)
    roc_auc_score(labelled.label, labelled.score)


def ours(rows: Rows, monitors: list[Monitor], window: int) -> None:
    """The same with our own monitors, including their state of reference rows."""
    view = rows.view
    for monitor in monitors:
        monitor.evaluate(view, np.zeros(0))
    model = rows.world.versions[rows.world.releases.model]
    model.logit(view.rows(window))


def against(repeats: int) -> None:
    """One evaluation by libraries and by ours, on the same rows."""
    lines = []
    rows = world()
    for _ in range(90):
        rows.score(A_MINUTE)
        rows.join()
    for minutes in (1, 10, 30):
        args = {"window": f"{minutes}m"}
        batch = [detector for detector in detectors(**args) if isinstance(detector, BatchMonitor)]
        batch.append(MONITORS.get("accuracy")(**args))
        work = {
            "ours": lambda: ours(rows, batch, minutes * MINUTE),  # noqa: B023
            "judge": lambda: with_libraries(rows, minutes * MINUTE),  # noqa: B023
        }
        time_in_turn(work, 1)
        took = {
            name: median(times).processor for name, times in time_in_turn(work, 4 * repeats).items()
        }
        lines.append((
            f"{minutes} min",
            f"{minutes * A_MINUTE:,}",
            f"{took['ours'] * 1000:.2f}",
            f"{took['judge'] * 1000:.2f}",
            f"{took['judge'] / took['ours']:.1f}x",
        ))  # fmt: skip
    table(
        "One evaluation of five detectors at 12 features, the model and its AUC: processor ms",
        ("window", "rows", "ours", "scipy and scikit-learn", "ratio"),
        lines,
    )


def measure(repeats: int) -> None:
    """Print the tables."""
    costs()
    lacking = [library for library in ("scipy", "sklearn") if find_spec(library) is None]
    if lacking:
        print(f"\nNothing to compare with: {' and '.join(lacking)} not installed.")
    else:
        against(repeats)


def main() -> None:
    """Measure five times."""
    measure(5)


if __name__ == "__main__":
    main()
