"""Values over time: objectives against their limits and their twins, and the series of alerts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.report.captions import Rows, caption, write
from simulator.report.phrases import short
from simulator.report.series import Panel
from simulator.report.svg import INK
from simulator.run import Run
from simulator.score.truth import Objective, true_values
from simulator.units.wording import format_amount

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Say = Callable[[float], str]


def goal_caption(goal: Objective, inches: float) -> Rows:
    """What stands above an objective."""
    return caption(goal.name, f"true value, {_limit(goal)}", [], inches)


def panel_caption(panel: Panel, inches: float) -> Rows:
    """What stands above the series of one name."""
    return caption(panel.name, panel.note, [short(one.label, 28) for one in panel.lines], inches)


def objective(ax: Axes, run: Run, goal: Objective, above: Rows, narrow: bool) -> None:
    """Draw an objective: the run over its twins, its limit, and its breaches as shades."""
    times, values = run.truth_times, true_values(run, goal.name)
    for name, colour in (("no-fault", "quiet"), ("none", "none")):
        twin = run.twins.get(name)
        if twin is not None and goal.name in twin.truth:
            ax.plot(twin.truth_times, twin.truth[goal.name], color=INK[colour], linewidth=0.9,
                    alpha=0.75, zorder=2)  # fmt: skip
    _shade_breaches(ax, times, ~goal.holds(values))
    ax.axhline(goal.limit, color=INK["bad"], linewidth=0.9, linestyle=(0, (4, 2)), zorder=2)
    ax.plot(times, values, color=INK["run"], linewidth=1.4, zorder=3)
    ax.set_ylim(*_range(run, goal, values))
    write(ax, above)
    if not narrow:
        ax.text(1.005, goal.limit, _limit(goal), transform=ax.get_yaxis_transform(), va="center",
                fontsize=7, color=INK["bad"])  # fmt: skip
    _value_axis(ax, lambda value: format_amount(value, goal.unit), goal.unit in {"s", "seconds"})


def panel(ax: Axes, shown: Panel, above: Rows) -> None:
    """Draw the series of one name; those that moved most lie above the others."""
    for number, line in enumerate(shown.lines):
        colour = INK[f"s{number + 1}"]
        ax.plot(line.times, line.values, color=colour, linewidth=1.1, zorder=3 - number * 0.1)
    write(ax, above)
    _value_axis(ax, lambda value: in_thousands(value, shown.unit), shown.unit == "seconds")


def in_thousands(value: float, unit: str = "") -> str:
    """A value of a series as an axis has it.

    Examples
    --------
    >>> in_thousands(80_000), in_thousands(1.5e9, "B"), in_thousands(0, "B"), in_thousands(0.25)
    ('80k', '1.5 GB', '0 B', '0.25')
    """
    if unit == "seconds":
        return format_amount(value, unit)
    size, letter = next(
        ((s, p) for s, p in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if abs(value) >= s), (1.0, "")
    )
    return f"{value / size:.3g}{' ' if unit else ''}{letter}{unit}"


def _limit(goal: Objective) -> str:
    side = "min" if goal.limit == goal.low else "max"
    return f"{side} {format_amount(goal.limit, goal.unit)}"


def _shade_breaches(ax: Axes, times: Any, outside: Any) -> None:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], outside.astype(int), [0]])))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        until = times[min(last, len(times) - 1)]
        ax.axvspan(times[first], until, color=INK["bad"], alpha=0.1, linewidth=0, zorder=0)


def _range(run: Run, goal: Objective, values: Any) -> tuple[float, float]:
    """Where the run, the limit and the no-fault twin are; the none twin may leave the panel."""
    quiet = run.twins.get("no-fault")
    seen = [values, np.array([goal.limit])]
    if quiet is not None and goal.name in quiet.truth:
        seen.append(quiet.truth[goal.name])
    finite = np.concatenate([one[np.isfinite(one)] for one in seen])
    low, high = float(finite.min()), float(finite.max())
    none = run.twins.get("none")
    room = max(high - low, abs(goal.limit) * 0.02, 1e-9)
    if none is not None and goal.name in none.truth:
        worst = none.truth[goal.name][np.isfinite(none.truth[goal.name])]
        if len(worst):
            low = max(min(low, float(worst.min())), low - room)
            high = min(max(high, float(worst.max())), high + room)
    return low - 0.12 * room, high + 0.12 * room


def _value_axis(ax: Axes, say: Say, seconds: bool = False) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

    low, high = ax.get_ylim()
    whole = [m for m in (60, 300, 600, 1800, 3600, 21600, 86400) if 1 <= (high - low) / m <= 4]
    if seconds and whole:  # 5 min, 10 min; never 8 min 20 s
        ax.yaxis.set_major_locator(MultipleLocator(whole[0]))
    else:
        ax.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 2.5, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: say(value)))
    ax.tick_params(axis="y", labelsize=7)
    ax.grid(axis="y", color=INK["rule"], linewidth=0.4, zorder=0)
