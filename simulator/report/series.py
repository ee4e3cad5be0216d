"""The series that explain why an alert fired: those that the rules of the fired alerts read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.analysis import Timeline
from simulator.analysis.alert_spans import AlertSpan
from simulator.analysis.truth import Floats, Times
from simulator.run import Run
from simulator.telemetry.counters import is_counter

if TYPE_CHECKING:
    from simulator.telemetry.store import SeriesTable

# Five lines are distinguishable in a panel; the others are counted.
MAX_LINES = 5
WINDOW = 300_000
# A counter that rises by less than one in ten seconds is shown as counts, not as a rate: three
# restarts.
RARE = 30.0
EXCLUDED = frozenset({"up", "ALERTS", "ALERTS_FOR_STATE"})
# What the values of a column are: shown for the columns that alerts name, as others have other
# units.
PROFILE = ("ml_feature_mean", "ml_feature_level_ratio")
IN_UNITS_OF_COLUMN = frozenset({
    *PROFILE, "ml_feature_stddev", "ml_feature_min", "ml_feature_max", "ml_feature_quantile",
})  # fmt: skip
Labels = dict[str, str]
Column = tuple[Labels, "SeriesTable", int]


class PlotLine(NamedTuple):
    """One series: its distinguishing labels, times in ms and values."""

    label: str
    times: Times
    values: Floats


class Panel(NamedTuple):
    """The series of one metric that moved most; `unit` is `B`, `seconds` or empty."""

    metric: str
    note: str
    lines: list[PlotLine]
    unit: str = ""


def key_series(timeline: Timeline, limit: int = 5) -> list[Panel]:
    """A panel for each metric that the rules of the fired alerts read, in order of firing.

    An alert about a column brings the column's mean, or the shares of its levels.
    """
    run = timeline.run
    if "tables" not in run.series:
        return []
    from simulator.telemetry.store import SeriesStore

    store = SeriesStore.from_arrays(run.series)
    columns: dict[str, list[Column]] = {}
    features = {feature for span in timeline.firings if (feature := alert_feature(span))}
    for table in store.tables.values():
        for number, series in enumerate(table.series):
            labels = dict(series)
            metric = labels.pop("__name__", "")
            if metric not in IN_UNITS_OF_COLUMN or labels.get("feature") in features:
                columns.setdefault(metric, []).append((labels, table, number))
    metrics = [word for word in alert_words(timeline) if word in columns and word not in EXCLUDED]
    warm_up = run.header.warm_up
    panels = (panel(metric, columns[metric], warm_up) for metric in dict.fromkeys(metrics))
    return [panel for panel in panels if panel.lines][:limit]


def alert_words(timeline: Timeline) -> Iterator[str]:
    """Every word in the expressions of the fired alerts, metrics among them, and profiles."""
    rules = expressions(timeline.run)
    for alert, feature in dict.fromkeys((s.alert.name, alert_feature(s)) for s in timeline.firings):
        for word in re.findall(r"[a-zA-Z_:][\w:]*", rules.get(alert, "")):
            # A plot of histogram buckets is unreadable, and their objective has a plot anyway.
            if not word.endswith("_bucket"):
                yield word
        if feature:
            yield from PROFILE


def alert_feature(span: AlertSpan) -> str:
    """The column that an alert is about; empty if it is about none."""
    return dict(span.labels).get("feature", "")


def expressions(run: Run) -> dict[str, str]:
    """The expressions of the alerting rules among the run's inputs, by the rule's name."""
    if run.folder is None or not (run.folder / "inputs").is_dir():
        return {}
    import yaml

    by_name: dict[str, str] = {}
    for path in sorted((run.folder / "inputs").rglob("*.y*ml")):
        try:
            text = path.read_text(encoding="utf-8")
            if "groups" not in text:
                continue  # parsing a scenario takes longer than drawing the figure
            for group in yaml.safe_load(text)["groups"]:
                for rule in group["rules"]:
                    if "alert" in rule:
                        by_name.setdefault(str(rule["alert"]), str(rule["expr"]))
        except (yaml.YAMLError, OSError, UnicodeDecodeError, KeyError, TypeError):
            continue  # another kind of file: rule files were checked before the run
    return by_name


def panel(metric: str, columns: list[Column], warm_up: int) -> Panel:
    """The series of one metric, those first that moved most after the warm-up.

    Counters are shown as rates, and rare ones as their increase. A panel has no lines if no series
    moved: a flat line explains no alert.
    """
    counter = is_counter(metric)
    lines = _lines(columns, counter)
    ranges = [_range(line, warm_up) for line in lines]
    order = sorted(range(len(lines)), key=lambda number: -ranges[number])
    lines = [lines[number] for number in order] if any(ranges) else []
    omitted = len(lines) - MAX_LINES
    note = ""
    if counter and any(np.nanmax(line.values) > RARE for line in lines):
        lines = [line._replace(values=line.values * 1000 / WINDOW) for line in lines]
        note = "per second"
    elif counter:
        note = f"increase in {WINDOW // 60_000} minutes"
    if omitted > 0:
        note = f"{note}; {omitted} more moved less".removeprefix("; ")
    return Panel(metric, note, lines[:MAX_LINES], _unit(metric))


def _lines(columns: list[Column], counter: bool) -> list[PlotLine]:
    """The series that have values; of a counter, its increases."""
    from simulator.telemetry.store import is_sample

    shared = shared_labels([labels for labels, _, _ in columns])
    lines = []
    for labels, table, number in columns:
        during = table.times >= 0
        times, values = table.times[during], table.values[during, number]
        values = np.where(is_sample(values), values, np.nan)
        if counter:
            values = increase(times, values)
        if np.isfinite(values).any():
            # A number without its column means nothing, even where there is one column only.
            own = (v for k, v in sorted(labels.items()) if k == "feature" or k not in shared)
            text = ", ".join(own)
            lines.append(PlotLine(text, times, values))
    return lines


def increase(times: Times, values: Floats) -> Floats:
    """The increase of a counter in the last five minutes; resets count from zero.

    In the first five minutes it is extrapolated from the time so far.

    Examples
    --------
    >>> increase(np.array([0, 300_000, 600_000]), np.array([0.0, 300.0, 30.0])).tolist()
    [nan, 300.0, 30.0]
    """
    if len(times) < 2:
        return np.full(len(times), np.nan)
    step = np.diff(values)
    step = np.where(step < 0, values[1:], step)
    total = np.concatenate([[0.0], np.cumsum(np.nan_to_num(step))])
    first = np.searchsorted(times, times - WINDOW)
    share = (times - times[first]) / WINDOW
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(share > 0, (total - total[first]) / share, np.nan)


def _unit(metric: str) -> str:
    if "_bytes" in metric:
        return "B"
    return "seconds" if metric.endswith("_seconds") else ""


def shared_labels(series: list[Labels]) -> set[str]:
    """The labels with the same value in all series, which distinguish none of them."""
    names = set().union(*series)
    return {name for name in names if len({labels.get(name) for labels in series}) == 1}


def _range(line: PlotLine, warm_up: int) -> float:
    finite = line.values[np.isfinite(line.values) & (line.times >= warm_up)]
    return float(np.ptp(finite)) if len(finite) else 0.0
