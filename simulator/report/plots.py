"""The figure of a run: who did what over the objectives and the series that alerts read.

matplotlib is imported in functions only; nothing but the plots does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simulator.report import captions, plot_curves, plot_lanes
from simulator.report.lanes import lanes
from simulator.report.series import key_series
from simulator.report.svg import INK, STYLE, to_svg
from simulator.run import Run
from simulator.score.grade import Scores
from simulator.score.truth import end_of, objectives
from simulator.units.wording import hhmm

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MINUTE = 60_000
WIDE, NARROW = 10.6, 4.3  # inches; the narrow one is for phones
PANEL, GAP, TIMES = 0.95, 0.22, 0.15  # inches; a time axis takes as much more of a gap


def figure_svg(run: Run, scores: Scores, name: str = "wide") -> str:
    """The run's figure as an `<svg>` element; `name` is `wide` or `narrow`."""
    import matplotlib as mpl

    tips: dict[str, str] = {}
    with mpl.rc_context(STYLE):
        figure = _figure(run, scores, NARROW if name == "narrow" else WIDE, tips)
        label = "Faults, alerts, pages and orders over the objectives' true values"
        return to_svg(figure, name, label, tips)


def save_png(run: Run, scores: Scores, path: Path, dpi: int = 160) -> None:
    """Save the run's figure as a picture, for a README."""
    import matplotlib as mpl

    with mpl.rc_context({**STYLE, "font.family": "sans-serif"}):
        figure = _figure(run, scores, WIDE, {})
        figure.savefig(path, dpi=dpi, facecolor="white", metadata={"Software": None})


def _figure(run: Run, scores: Scores, width: float, tips: dict[str, str]) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, panels = lanes(run), key_series(run)
    goals = objectives(run) if len(run.truth_times) else []
    end, narrow = max(end_of(run), 1), width < 6
    longest = max((len(row.name) for row in rows), default=0)
    left = 0.5 if narrow else max(0.7, 0.068 * longest + 0.15)
    inches = width - left - (0.2 if narrow else 0.75)
    heads = plot_lanes.heads(run, scores, end, inches)
    above = [plot_curves.goal_caption(goal, inches) for goal in goals]
    above += [plot_curves.panel_caption(panel, inches) for panel in panels]
    tall = [plot_lanes.height(rows, heads, narrow)] + [PANEL] * len(above)
    gaps = [0.06] + [GAP + captions.ROW * len(caption) for caption in above]
    gaps[1:2] = [gap + TIMES for gap in gaps[1:2]]
    y = height = sum(tall) + sum(gaps) + 0.3
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    axes = []
    for inch, gap in zip(tall, gaps, strict=True):
        y -= inch + gap
        box = (left / width, y / height, inches / width, inch / height)
        axes.append(figure.add_axes(box))
    for ax in axes:
        _time_axis(ax, run, end, narrow, told=ax in (axes[0], axes[-1]))
    plot_lanes.draw(axes[0], rows, heads, end, inches, narrow, tips)
    for ax, goal, caption in zip(axes[1:], goals, above, strict=False):
        _incident_lines(ax, scores)
        plot_curves.objective(ax, run, goal, caption, narrow)
    first = 1 + len(goals)
    for ax, panel, caption in zip(axes[first:], panels, above[len(goals) :], strict=True):
        _incident_lines(ax, scores)
        plot_curves.panel(ax, panel, caption)
    return figure


def _time_axis(ax: Axes, run: Run, end: int, narrow: bool, told: bool) -> None:
    ax.set_xlim(0, end)
    step = next(
        m for m in (5, 10, 15, 30, 60, 120, 240, 480, 1440, 10**6)
        if end / (m * MINUTE) <= (5 if narrow else 10)
    ) * MINUTE  # fmt: skip
    ticks = np.arange(0, end + 1, step)
    ax.set_xticks(ticks, [hhmm(int(t)) for t in ticks] if told else [""] * len(ticks))
    ax.tick_params(axis="x", length=3 if told else 0, labelsize=7)
    ax.set_axisbelow(True)  # else a grid line covers the mark at its time
    ax.grid(axis="x", color=INK["rule"], linewidth=0.5, zorder=0)
    ax.axvspan(0, int(run.header.get("warm_up", 0)), color=INK["shade"], linewidth=0, zorder=0)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)


def _incident_lines(ax: Axes, scores: Scores) -> None:
    for incident in scores.incidents:
        marks = dict(incident.marks.items())
        for name, colour in plot_lanes.COLOURS.items():
            t = marks[name]
            if t is not None:
                ax.axvline(t, color=INK[colour], linewidth=0.8, linestyle=(0, (3, 2)), zorder=1)


LEGEND: Mapping[str, str] = {
    "run": "this run",
    "quiet": "the same seed without the fault",
    "none": "the same seed with nobody answering",
    "bad": "limit; breaches are shaded",
}
# What the lanes have: colour, sign and meaning.
SIGNS = (
    ("truth", "■", "a fault, as long as it bites"),
    ("truth", "◇", "a change or a message"),
    ("warn", "■", "an alert is pending"),
    ("bad", "■", "it fires"),
    ("page", "▽", "a page is sent"),
    ("page", "▼", "it reaches a person"),
    ("good", "●", "acknowledged"),
    ("run", "●", "an order, by its number in the timeline"),
    ("bad", "●", "an order that failed"),
)
