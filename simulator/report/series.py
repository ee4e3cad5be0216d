"""The series that tell why an alert fired: those that the rules of the fired alerts read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.run import Run

Floats = NDArray[np.float64]
# Five lines can be told apart; the others are counted.
MOST_LINES = 5
WINDOW = 300_000
# Of a counter that rises by less than one in ten seconds people think in counts: three restarts.
SELDOM = 30.0
LEFT_OUT = frozenset({"up", "ALERTS", "ALERTS_FOR_STATE"})


class Line(NamedTuple):
    """One series: its labels in short, times in ms and values."""

    label: str
    times: NDArray[np.int64]
    values: Floats


class Panel(NamedTuple):
    """The series of one name that moved most; `unit` is `B`, `seconds` or nothing."""

    name: str
    note: str
    lines: list[Line]
    unit: str = ""


def key_series(run: Run, most: int = 5) -> list[Panel]:
    """A panel for each metric that the rules of the fired alerts read, in order of firing."""
    if "tables" not in run.series:
        return []
    from simulator.telemetry.store import SeriesStore

    store = SeriesStore.from_arrays(run.series)
    columns: dict[str, list[tuple[dict[str, str], Any, int]]] = {}
    for table in store.tables.values():
        for number, labels in enumerate(table.series):
            named = dict(labels)
            columns.setdefault(named.pop("__name__", ""), []).append((named, table, number))
    names = [name for name in wanted(run) if name in columns and name not in LEFT_OUT]
    warm = int(run.header.get("warm_up", 0))
    panels = (panel(name, columns[name], warm) for name in dict.fromkeys(names))
    return [found for found in panels if found.lines][:most]


def wanted(run: Run) -> Iterator[str]:
    """Every word of the expressions of the alerts that fired; metrics are among them."""
    rules = expressions(run)
    fired = (e.data.get("alert") for e in run.of("alert") if e.data.get("state") == "firing")
    for alert in dict.fromkeys(fired):
        for word in re.findall(r"[a-zA-Z_:][\w:]*", rules.get(str(alert), "")):
            # A histogram's buckets say nothing to the eye; its objective is plotted anyway.
            if not word.endswith("_bucket"):
                yield word


def expressions(run: Run) -> dict[str, str]:
    """The alerting rules among the run's inputs: expression by name."""
    if run.folder is None or not (run.folder / "inputs").is_dir():
        return {}
    import yaml

    found: dict[str, str] = {}
    for path in sorted((run.folder / "inputs").rglob("*.y*ml")):
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            for group in content["groups"]:
                for rule in group["rules"]:
                    if "alert" in rule:
                        found.setdefault(str(rule["alert"]), str(rule["expr"]))
        except (yaml.YAMLError, OSError, UnicodeDecodeError, KeyError, TypeError):
            continue  # a file of another kind: a rule file was checked before the run
    return found


def panel(name: str, columns: list[tuple[dict[str, str], Any, int]], warm: int) -> Panel:
    """The series of one metric, those first that moved most after `warm` ms.

    Counters are told as rates, and those that seldom move as how much they rose. It has no
    lines if none moved: a flat line explains no alert.
    """
    from simulator.telemetry.store import is_sample

    counter = name.endswith(("_total", "_count", "_sum"))
    same = _shared([labels for labels, _, _ in columns])
    lines = []
    for labels, table, number in columns:
        during = table.times >= 0
        times, values = table.times[during], table.values[during, number]
        values = np.where(is_sample(values), values, np.nan)
        if counter:
            values = increase(times, values)
        if np.isfinite(values).any():
            said = ", ".join(v for k, v in sorted(labels.items()) if k not in same)
            lines.append(Line(said, times, values))
    moves = [_moved(line, warm) for line in lines]
    order = sorted(range(len(lines)), key=lambda number: -moves[number])
    lines = [lines[number] for number in order] if any(moves) else []
    left = len(lines) - MOST_LINES
    note = ""
    if counter and any(np.nanmax(line.values) > SELDOM for line in lines):
        lines = [line._replace(values=line.values * 1000 / WINDOW) for line in lines]
        note = "per second"
    elif counter:
        note = f"rise in {WINDOW // 60_000} minutes"
    if left > 0:
        note = f"{note}; {left} more moved less".removeprefix("; ")
    return Panel(name, note, lines[:MOST_LINES], _unit(name))


def increase(times: NDArray[np.int64], values: Floats) -> Floats:
    """How much a counter rose in the last five minutes; resets count from zero.

    Where less than that has gone by, it is what it would have risen at the same pace.

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


def _unit(name: str) -> str:
    if "_bytes" in name:
        return "B"
    return "seconds" if name.endswith("_seconds") else ""


def _shared(labels: list[dict[str, str]]) -> set[str]:
    """The labels whose value is the same for all, and so tells nothing apart."""
    names = set().union(*labels)
    return {name for name in names if len({one.get(name) for one in labels}) == 1}


def _moved(line: Line, warm: int) -> float:
    finite = line.values[np.isfinite(line.values) & (line.times >= warm)]
    return float(np.ptp(finite)) if len(finite) else 0.0
