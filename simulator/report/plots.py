"""The figure of a run: who did what over the objectives and the series that alerts read.

matplotlib is imported in these functions only; nothing else of ours does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.report.lanes import Lane, Mark, Span, lanes
from simulator.report.phrases import short
from simulator.report.series import Panel, key_series
from simulator.report.svg import INK, STYLE, to_svg
from simulator.run import Run
from simulator.score.grade import Scores
from simulator.score.truth import Objective, end_of, objectives, values_of
from simulator.score.words import amount, clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MINUTE = 60_000
WIDE, NARROW = 10.6, 4.3  # inches; the narrow one is for phones
LANE, PANEL, GAP = 0.27, 0.95, 0.36  # inches
LABELLED = ("onset", "impact", "detect", "diagnose", "mitigate", "recover", "close")
SYMBOLS = {"page": "v", "delivered": "v", "acknowledged": "o", "order": "o", "talk": "D"}


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

    rows, goals, panels = lanes(run), objectives(run), key_series(run)
    narrow = width < 6
    heads = _head_rows(scores, run, width)
    lane = LANE * (1.2 if narrow else 1)
    inches = [lane * (len(rows) + 0.4) + 0.14 * (max(heads.values(), default=0) + 1)]
    inches += [PANEL] * (len(goals) + len(panels))
    height = 0.06 + sum(inches) + GAP * (len(inches) - 1) + 0.45
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    longest = max((len(row.name) for row in rows), default=0)
    margin = 0.5 if narrow else max(0.7, 0.068 * longest + 0.15)
    left, right = margin / width, 1 - (0.2 if narrow else 0.75) / width
    y = height
    axes = []
    for number, inch in enumerate(inches):
        # The lanes have a time axis of their own, which takes room.
        y -= inch + (0.06 if number == 0 else GAP + 0.15 * (number == 1))
        axes.append(figure.add_axes((left, y / height, right - left, inch / height)))
    end = end_of(run)
    for ax in axes:
        _time_axis(ax, run, end, narrow, told=ax in (axes[0], axes[-1]))
    for ax in axes[1:]:
        _incident_lines(ax, scores)
    _lanes(axes[0], rows, end, narrow, tips)
    _heads(axes[0], scores, heads, len(rows))
    for ax, goal in zip(axes[1:], goals, strict=False):
        _objective(ax, run, goal, narrow)
    for ax, panel in zip(axes[1 + len(goals) :], panels, strict=True):
        _panel(ax, panel, narrow)
    return figure


def _time_axis(ax: Axes, run: Run, end: int, narrow: bool, told: bool) -> None:
    ax.set_xlim(0, end)
    step = next(
        m for m in (5, 10, 15, 30, 60, 120, 240, 480, 1440, 10**6)
        if end / (m * MINUTE) <= (5 if narrow else 10)
    ) * MINUTE  # fmt: skip
    ticks = np.arange(0, end + 1, step)
    ax.set_xticks(ticks, [clock(int(t)) for t in ticks] if told else [""] * len(ticks))
    ax.tick_params(axis="x", length=3 if told else 0, labelsize=7)
    ax.grid(axis="x", color=INK["rule"], linewidth=0.5, zorder=0)
    ax.axvspan(0, int(run.header.get("warm_up", 0)), color=INK["shade"], linewidth=0, zorder=0)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)


def _incident_lines(ax: Axes, scores: Scores) -> None:
    for incident in scores.incidents:
        marks = dict(incident.marks.items())
        start, over = marks["impact"] or marks["onset"], marks["mitigate"]
        for t, colour in ((marks["onset"], "truth"), (start, "bad"), (over, "good")):
            if t is not None:
                ax.axvline(t, color=INK[colour], linewidth=0.8, linestyle=(0, (3, 2)), zorder=1)


def _head_rows(scores: Scores, run: Run, width: float) -> dict[tuple[str, int], int]:
    """Which row above the lanes each mark's name has, so that none covers another."""
    end = max(end_of(run), 1)
    found: dict[tuple[str, int], int] = {}
    taken: list[float] = []
    for incident in scores.incidents:
        marks = [(t, name) for name, t in incident.marks.items() if t is not None]
        for t, name in sorted(mark for mark in marks if mark[1] in LABELLED):
            inch = t / end * (width - 1.5 if width > 6 else width - 0.6)
            # Its line comes up from the lanes: no name in a lower row may be in its way.
            row = next((r for r in range(len(taken)) if inch >= max(taken[r:])), len(taken))
            taken[row : row + 1] = [inch + 0.062 * len(name) + 0.1]
            found[name, t] = row
    return found


def _heads(ax: Axes, scores: Scores, heads: dict[tuple[str, int], int], rows: int) -> None:
    tall = 0.14 / LANE
    top = rows - 0.3
    highest = max(heads.values(), default=0)
    ax.set_ylim(-0.7, top + (highest + 1) * tall)
    colours = {"onset": "truth", "impact": "bad", "mitigate": "good", "recover": "good"}
    for (name, t), row in heads.items():
        colour = INK[colours.get(name, "muted")]
        y = top + (highest - row + 0.25) * tall
        ax.plot([t, t], [-0.7, y + 0.3 * tall], color=colour, linewidth=0.8, zorder=1)
        ax.annotate(name, (t, y), xytext=(2.5, 0), textcoords="offset points", color=colour,
                    fontsize=7, annotation_clip=False)  # fmt: skip


def _lanes(ax: Axes, rows: list[Lane], end: int, narrow: bool, tips: dict[str, str]) -> None:
    ax.grid(visible=False, axis="y")
    ax.set_yticks([])
    for number, lane in enumerate(rows):
        y = len(rows) - 1 - number
        ax.axhline(y - 0.5, color=INK["rule"], linewidth=0.4, zorder=0)
        if narrow:
            ax.text(0.004 * end, y + 0.12, lane.name, fontsize=6.5, color=INK["muted"], zorder=6)
        else:
            ax.text(-0.008 * end, y, lane.name, ha="right", va="center", fontsize=8,
                    color=INK["ink"])  # fmt: skip
        for index, bar in enumerate(lane.spans):
            _span(ax, bar, y, end, narrow, f"span-{number}-{index}", tips)
        for index, mark in enumerate(_clustered(lane.marks, end / (3.6 if narrow else 8.6))):
            _mark(ax, mark, y, narrow, f"mark-{number}-{index}", tips)


def _span(
    ax: Axes, span: Span, y: int, end: int, narrow: bool, gid: str, tips: dict[str, str]
) -> None:
    tall = 0.24 if narrow else 0.52
    low = y - (0.36 if narrow else 0.26)
    width = max(min(span.end, end) - span.start, end * 0.002)
    pending = span.tone == "pending"
    colour = INK["warn" if pending else span.tone]
    bar = ax.broken_barh([(span.start, width)], (low, tall), facecolor=colour, linewidth=0,
                         alpha=0.35 if pending else 0.9, zorder=3)  # fmt: skip
    bar.set_gid(gid)
    tips[gid] = span.tip


def _clustered(marks: list[Mark], inch: float) -> list[Mark]:
    """Numbered marks too near to be told apart as one, `3–5`, at the time of the first.

    `inch` is how long an inch of the plot is, ms.
    """
    found: list[Mark] = []
    last = -math.inf
    for mark in marks:
        # What failed keeps a mark of its own, in its own colour.
        same = found and mark.label and found[-1].label and mark.tone == found[-1].tone
        if same and mark.t - last < (0.06 * len(found[-1].label) + 0.13) * inch:
            first = found[-1].label.partition("–")[0]
            label, tip = f"{first}–{mark.label}", f"{found[-1].tip}\n{mark.tip}"
            found[-1] = found[-1]._replace(label=label, tip=tip)
        else:
            found.append(mark)
            last = mark.t
    return found


def _mark(ax: Axes, mark: Mark, y: int, narrow: bool, gid: str, tips: dict[str, str]) -> None:
    height = y - 0.2 if narrow else y
    hollow = mark.shape in {"page", "talk"}
    tips[gid] = mark.tip
    if mark.label and not narrow:
        pill = {"boxstyle": "round,pad=0.25,rounding_size=0.8", "fc": INK[mark.tone], "lw": 0}
        many = "left" if "–" in mark.label else "center"
        ax.text(mark.t, height, mark.label, ha=many, va="center_baseline", fontsize=6,
                fontweight="bold", color=INK["paper"], bbox=pill, zorder=5, gid=gid)  # fmt: skip
        return
    [dot] = ax.plot(
        [mark.t], [height], SYMBOLS.get(mark.shape, "o"), markersize=5, color=INK[mark.tone],
        markerfacecolor="none" if hollow else INK[mark.tone], markeredgewidth=1.0, zorder=4,
    )  # fmt: skip
    dot.set_gid(gid)


def _objective(ax: Axes, run: Run, goal: Objective, narrow: bool) -> None:
    times, values = run.truth_times, values_of(run, goal.name)
    for name, colour in (("no-fault", "quiet"), ("none", "none")):
        twin = run.twins.get(name)
        if twin is not None and goal.name in twin.truth:
            ax.plot(twin.truth_times, twin.truth[goal.name], color=INK[colour], linewidth=0.9,
                    alpha=0.75, zorder=2)  # fmt: skip
    _shade_breaches(ax, times, ~goal.holds(values))
    ax.axhline(goal.limit, color=INK["bad"], linewidth=0.9, linestyle=(0, (4, 2)), zorder=2)
    ax.plot(times, values, color=INK["run"], linewidth=1.4, zorder=3)
    ax.set_ylim(*_range(run, goal, values))
    side = "min" if goal.limit == goal.low else "max"
    limit = f"{side} {amount(goal.limit, goal.unit)}"
    _titled(ax, goal.name, f"true value, {limit}")
    if not narrow:
        ax.text(1.005, goal.limit, limit, transform=ax.get_yaxis_transform(), va="center",
                fontsize=7, color=INK["bad"])  # fmt: skip
    _value_axis(ax, lambda value: amount(value, goal.unit), goal.unit in {"s", "seconds"})


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


def _panel(ax: Axes, panel: Panel, narrow: bool) -> None:
    for number, line in enumerate(panel.lines):
        colour = INK[f"s{number + 1}"]
        ax.plot(line.times, line.values, color=colour, linewidth=1.1, zorder=3 - number * 0.1)
    _titled(ax, panel.name, panel.note)
    _value_axis(ax, _si)
    # Names stand at the right of the title, in their line's colour: no box over the data.
    x, height = 1.0, -9 if narrow else 4
    for number, line in reversed(list(enumerate(panel.lines[: 2 if narrow else 5]))):
        name = short(line.label, 28)
        if name:
            ax.annotate(name, (x, 1.0), xycoords="axes fraction", xytext=(0, height),
                        textcoords="offset points", ha="right", fontsize=7,
                        color=INK[f"s{number + 1}"])  # fmt: skip
            x -= (0.062 * len(name) + 0.12) / (3.6 if narrow else 9)


def _titled(ax: Axes, name: str, note: str) -> None:
    title = ax.annotate(name, (0, 1), xycoords="axes fraction", xytext=(0, 4),
                        textcoords="offset points", fontsize=8, fontweight="bold")  # fmt: skip
    if note:
        ax.annotate(note, (1, 0), xycoords=title, xytext=(6, 0), textcoords="offset points",
                    fontsize=7, color=INK["muted"], va="bottom")  # fmt: skip


def _value_axis(ax: Axes, say: Any, seconds: bool = False) -> None:
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


def _si(value: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


LEGEND: Mapping[str, str] = {
    "run": "this run",
    "quiet": "the same seed without the fault",
    "none": "the same seed with nobody answering",
    "bad": "limit; breaches are shaded",
}
