"""The figure of a run: its lanes above the objectives and the series that the alerts read.

matplotlib is imported in functions only, as nothing but the plots needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simulator.analysis import Timeline
from simulator.report import plot_curves, plot_lanes
from simulator.report.captions import ROW
from simulator.report.lanes import lanes
from simulator.report.series import key_series
from simulator.report.svg import INK, STYLE, to_svg
from simulator.run import NO_FAULT, NONE, Header
from simulator.score.scores import Scores
from simulator.units.wording import hhmm

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MINUTE = 60_000
WIDE, NARROW = 10.6, 4.3  # inches; the narrow one is for phones
PANEL, GAP, TIME_AXIS = 0.95, 0.22, 0.15  # inches; TIME_AXIS widens the gap below an axis


def figure_svg(timeline: Timeline, scores: Scores, name: str = "wide") -> str:
    """The run's figure as an `<svg>` element; `name` is `wide` or `narrow`."""
    import matplotlib as mpl

    tips: dict[str, str] = {}
    with mpl.rc_context(STYLE):
        figure = _figure(timeline, scores, NARROW if name == "narrow" else WIDE, tips)
        label = "Faults, alerts, pages and orders over the objectives' true values"
        return to_svg(figure, name, label, tips)


def save_png(timeline: Timeline, scores: Scores, path: Path, dpi: int = 160) -> None:
    """Save the run's figure as a PNG, for a README."""
    import matplotlib as mpl

    with mpl.rc_context({**STYLE, "font.family": "sans-serif"}):
        figure = _figure(timeline, scores, WIDE, {})
        figure.savefig(path, dpi=dpi, facecolor="white", metadata={"Software": None})


def _figure(timeline: Timeline, scores: Scores, width: float, tips: dict[str, str]) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, panels = lanes(timeline), key_series(timeline)
    plotted = timeline.truth.objectives if len(timeline.truth.times) else ()
    end, narrow = max(timeline.end, 1), width < 6
    longest = max((len(row.name) for row in rows), default=0)
    left = 0.5 if narrow else max(0.7, 0.068 * longest + 0.15)
    inches = width - left - (0.2 if narrow else 0.75)
    names = plot_lanes.mark_names(timeline, scores, end, inches)
    captions = [plot_curves.objective_caption(objective, inches) for objective in plotted]
    captions += [plot_curves.panel_caption(panel, inches) for panel in panels]
    heights = [plot_lanes.height(rows, names, narrow)] + [PANEL] * len(captions)
    gaps = [0.06] + [GAP + ROW * len(caption) for caption in captions]
    gaps[1:2] = [gap + TIME_AXIS for gap in gaps[1:2]]
    y = height = sum(heights) + sum(gaps) + 0.3
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    axes = []
    for inch, gap in zip(heights, gaps, strict=True):
        y -= inch + gap
        box = (left / width, y / height, inches / width, inch / height)
        axes.append(figure.add_axes(box))
    for ax in axes:
        _time_axis(ax, timeline.header, end, narrow, labelled=ax in (axes[0], axes[-1]))
    plot_lanes.draw_lanes(axes[0], rows, names, end, inches, narrow, tips)
    for ax, objective, caption in zip(axes[1:], plotted, captions, strict=False):
        _incident_lines(ax, scores)
        plot_curves.draw_objective(ax, timeline, objective, caption, narrow)
    first = 1 + len(plotted)
    for ax, panel, caption in zip(axes[first:], panels, captions[len(plotted) :], strict=True):
        _incident_lines(ax, scores)
        plot_curves.draw_panel(ax, panel, caption)
    return figure


def _time_axis(ax: Axes, header: Header, end: int, narrow: bool, labelled: bool) -> None:
    ax.set_xlim(0, end)
    step = next(
        m for m in (5, 10, 15, 30, 60, 120, 240, 480, 1440, 10**6)
        if end / (m * MINUTE) <= (5 if narrow else 10)
    ) * MINUTE  # fmt: skip
    ticks = np.arange(0, end + 1, step)
    ax.set_xticks(ticks, [hhmm(int(t)) for t in ticks] if labelled else [""] * len(ticks))
    ax.tick_params(axis="x", length=3 if labelled else 0, labelsize=7)
    ax.set_axisbelow(True)  # else a grid line covers the mark at its time
    ax.grid(axis="x", color=INK["rule"], linewidth=0.5, zorder=0)
    ax.axvspan(0, header.warm_up, color=INK["shade"], linewidth=0, zorder=0)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)


def _incident_lines(ax: Axes, scores: Scores) -> None:
    for incident in scores.incidents:
        for name, colour in plot_lanes.COLOURS.items():
            t = incident.marks[name]
            if t is not None:
                ax.axvline(t, color=INK[colour], linewidth=0.8, linestyle=(0, (3, 2)), zorder=1)


LEGEND: Mapping[str, str] = {
    "run": "this run",
    NO_FAULT: "the same seed without the fault",
    NONE: "the same seed without a responder",
    "bad": "limit; breaches are shaded",
}
# The symbols of the lanes: colour, symbol and meaning.
SYMBOLS = (
    ("truth", "■", "a fault, while it lasts"),
    ("truth", "◇", "a change or a message"),
    ("warn", "■", "an alert is pending"),
    ("bad", "■", "an alert is firing"),
    ("page", "▽", "a page is sent"),
    ("page", "▼", "a page is delivered"),
    ("good", "●", "a page is acknowledged"),
    ("run", "●", "an order, by its number in the timeline"),
    ("bad", "●", "an order that failed"),
)
