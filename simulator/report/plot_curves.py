"""Values over time: objectives against their limits and their twins, and the series of alerts."""

from collections.abc import Iterator

import numpy as np

from simulator.analysis import Timeline
from simulator.analysis.truth import Bools, Floats, Objective
from simulator.report.captions import Rows, caption
from simulator.report.phrases import format_limit, shorten
from simulator.report.plot_axes import TimeAxis, ValueAxis, caption_words
from simulator.report.series import Panel
from simulator.report.shapes import Box, Frame, Shape, Stroke, Words, centred, segment
from simulator.run import NO_FAULT, NONE
from simulator.units.wording import format_amount


def objective_caption(objective: Objective, inches: float) -> Rows:
    """The caption of an objective."""
    return caption(objective.name, f"true value, {format_limit(objective)}", [], inches)


def panel_caption(panel: Panel, inches: float) -> Rows:
    """The caption of a panel."""
    labels = [shorten(line.label, 28) for line in panel.lines]
    return caption(panel.metric, panel.note, labels, inches)


def objective_shapes(
    timeline: Timeline, objective: Objective, axis: TimeAxis, frame: Frame, rows: Rows
) -> Iterator[Shape]:
    """An objective: the run over its twins, the limit, and breaches as shaded areas."""
    truth = timeline.truth
    values, x = truth.values[objective.name], axis.positions(truth.times)
    scale = ValueAxis(frame, *_range(timeline, objective, values))
    yield from _breaches(x, ~objective.holds(values), frame)
    seconds = objective.unit in {"s", "seconds"}
    yield from scale.grid(lambda value: format_amount(value, objective.unit), seconds)
    for name in (NO_FAULT, NONE):
        twin = timeline.of_twin(name)
        if twin is not None:
            there = scale.positions(twin.truth.values[objective.name])
            yield Stroke(axis.positions(twin.truth.times), there, name, 0.9, "", 0.75, frame)
    limit = scale.y(objective.limit)
    yield segment((frame.left, frame.right), (limit, limit), "bad", 0.9, "3.6 1.8")
    yield Stroke(x, scale.positions(values), "run", 1.4, clip=frame)
    yield from caption_words(frame, rows)
    if not axis.narrow:
        right = frame.right + 0.005 * frame.width
        yield Words(right, centred(limit, 7), format_limit(objective), "bad", 7)


def panel_shapes(panel: Panel, axis: TimeAxis, frame: Frame, rows: Rows) -> Iterator[Shape]:
    """The series of one metric; those that moved most lie on top."""
    joined = np.concatenate([line.values for line in panel.lines])
    finite = joined[np.isfinite(joined)]
    low, high = float(finite.min()), float(finite.max())
    room = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    scale = ValueAxis(frame, low - room, high + room)
    yield from scale.grid(lambda value: format_tick(value, panel.unit), panel.unit == "seconds")
    for number, line in reversed([*enumerate(panel.lines, 1)]):
        y = scale.positions(line.values)
        yield Stroke(axis.positions(line.times), y, f"s{number}", 1.1, clip=frame)
    yield from caption_words(frame, rows)


def format_tick(value: float, unit: str = "") -> str:
    """A value of a series on an axis.

    Examples
    --------
    >>> format_tick(80_000), format_tick(1.5e9, "B"), format_tick(0, "B"), format_tick(0.25)
    ('80k', '1.5 GB', '0 B', '0.25')
    """
    if unit == "seconds":
        return format_amount(value, unit)
    size, letter = next(
        ((s, p) for s, p in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if abs(value) >= s), (1.0, "")
    )
    return f"{value / size:.3g}{' ' if unit else ''}{letter}{unit}"


def _breaches(x: Floats, outside: Bools, frame: Frame) -> Iterator[Shape]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], outside.astype(int), [0]])))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        left, right = float(x[first]), float(x[min(last, len(x) - 1)])
        yield Box(Frame(left, frame.top, right - left, frame.height), "bad", 0.1)


def _range(timeline: Timeline, objective: Objective, values: Floats) -> tuple[float, float]:
    """The range of the run, the limit and the no-fault twin; the none twin may leave the panel."""
    no_fault, none = timeline.of_twin(NO_FAULT), timeline.of_twin(NONE)
    inside = [values, np.array([objective.limit])]
    if no_fault is not None:
        inside.append(no_fault.truth.values[objective.name])
    joined = np.concatenate(inside)
    finite = joined[np.isfinite(joined)]
    low, high = float(finite.min()), float(finite.max())
    room = max(high - low, abs(objective.limit) * 0.02, 1e-9)
    if none is not None:
        worst = none.truth.values[objective.name]
        worst = worst[np.isfinite(worst)]
        if len(worst):
            low = max(min(low, float(worst.min())), low - room)
            high = min(max(high, float(worst.max())), high + room)
    return low - 0.12 * room, high + 0.12 * room
