"""Values over time: objectives against their limits and their twins, and the series of alerts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from simulator.analysis import Timeline
from simulator.analysis.truth import Bools, Floats, Objective, Times
from simulator.report.captions import Rows, caption, draw_caption
from simulator.report.phrases import format_limit, shorten
from simulator.report.series import Panel
from simulator.report.svg import INK
from simulator.run import NO_FAULT, NONE
from simulator.units.wording import format_amount

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Format = Callable[[float], str]


def objective_caption(objective: Objective, inches: float) -> Rows:
    """The caption of an objective."""
    return caption(objective.name, f"true value, {format_limit(objective)}", [], inches)


def panel_caption(panel: Panel, inches: float) -> Rows:
    """The caption of a panel."""
    labels = [shorten(line.label, 28) for line in panel.lines]
    return caption(panel.metric, panel.note, labels, inches)


def draw_objective(
    ax: Axes, timeline: Timeline, objective: Objective, rows: Rows, narrow: bool
) -> None:
    """Draw an objective: the run over its twins, the limit, and breaches as shaded areas."""
    times, values = timeline.truth.times, timeline.truth.values[objective.name]
    for name, colour in ((NO_FAULT, "no-fault"), (NONE, "none")):
        twin = timeline.of_twin(name)
        if twin is not None:
            ax.plot(twin.truth.times, twin.truth.values[objective.name], color=INK[colour],
                    linewidth=0.9, alpha=0.75, zorder=2)  # fmt: skip
    _shade_breaches(ax, times, ~objective.holds(values))
    ax.axhline(objective.limit, color=INK["bad"], linewidth=0.9, linestyle=(0, (4, 2)), zorder=2)
    ax.plot(times, values, color=INK["run"], linewidth=1.4, zorder=3)
    ax.set_ylim(*_range(timeline, objective, values))
    draw_caption(ax, rows)
    if not narrow:
        ax.text(1.005, objective.limit, format_limit(objective), color=INK["bad"], fontsize=7,
                va="center", transform=ax.get_yaxis_transform())  # fmt: skip
    seconds = objective.unit in {"s", "seconds"}
    _value_axis(ax, lambda value: format_amount(value, objective.unit), seconds)


def draw_panel(ax: Axes, panel: Panel, rows: Rows) -> None:
    """Draw the series of one metric; those that moved most lie on top."""
    for number, line in enumerate(panel.lines):
        colour = INK[f"s{number + 1}"]
        ax.plot(line.times, line.values, color=colour, linewidth=1.1, zorder=3 - number * 0.1)
    draw_caption(ax, rows)
    _value_axis(ax, lambda value: format_tick(value, panel.unit), panel.unit == "seconds")


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


def _shade_breaches(ax: Axes, times: Times, outside: Bools) -> None:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], outside.astype(int), [0]])))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        until = times[min(last, len(times) - 1)]
        ax.axvspan(times[first], until, color=INK["bad"], alpha=0.1, linewidth=0, zorder=0)


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


def _value_axis(ax: Axes, format_value: Format, seconds: bool = False) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

    low, high = ax.get_ylim()
    whole = [m for m in (60, 300, 600, 1800, 3600, 21600, 86400) if 1 <= (high - low) / m <= 4]
    if seconds and whole:  # 5 min, 10 min; never 8 min 20 s
        ax.yaxis.set_major_locator(MultipleLocator(whole[0]))
    else:
        ax.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 2.5, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_value(value)))
    ax.tick_params(axis="y", labelsize=7)
    ax.grid(axis="y", color=INK["rule"], linewidth=0.4, zorder=0)
