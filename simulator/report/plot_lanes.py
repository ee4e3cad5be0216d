"""The lanes of a run as bars and markers, under the names of its incidents' marks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from simulator.analysis import Timeline
from simulator.report.captions import Label
from simulator.report.lanes import Lane, LaneSpan, Marker
from simulator.report.svg import INK
from simulator.score.endings import closed_early
from simulator.score.scores import Scores
from simulator.units.wording import join_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LANE, NAME = 0.27, 0.14  # inches
MARGIN = 0.2  # inches at the right of every plot
LABELLED = ("onset", "impact", "detect", "diagnose", "mitigate", "recover", "close")
COLOURS = {"onset": "truth", "impact": "bad", "mitigate": "good", "recover": "good"}
SYMBOLS = {"page": "v", "delivered": "v", "acknowledged": "o", "order": "o", "talk": "D"}


class MarkName(NamedTuple):
    """The names of marks at one time, in a row above the lanes where it overlaps no other.

    It is left of its line if there is no room at the right.
    """

    t: int
    label: Label
    row: int
    left: bool


def mark_names(timeline: Timeline, scores: Scores, end: int, inches: float) -> list[MarkName]:
    """The names of all incidents' marks, above lanes of a width in inches.

    A mark of some of several incidents begins with their ids.
    """
    ids_by_mark: dict[tuple[int, str, str], list[str]] = {}
    for incident in scores.incidents:
        for name, t in incident.marks.items():
            if t is None or name not in LABELLED:
                continue
            early = name == "close" and closed_early(timeline, incident)
            ink = "bad" if early else COLOURS.get(name, "muted")
            text = "close, too early" if early else name
            ids_by_mark.setdefault((t, ink, text), []).append(incident.id)
    # Marks with the same time and colour, such as mitigated and recovered, share a label.
    by_label: dict[tuple[int, str, tuple[str, ...]], list[str]] = {}
    for (t, ink, text), ids in sorted(ids_by_mark.items(), key=lambda item: item[0][0]):
        by_label.setdefault((t, ink, tuple(ids)), []).append(text)
    names: list[MarkName] = []
    row_ends: list[float] = []
    for (t, ink, incident_ids), texts in by_label.items():
        every = len(incident_ids) == len(scores.incidents)
        prefix = "" if every else f"{join_words([*incident_ids])}: "
        label, x = Label(prefix + ", ".join(texts), ink), t / end * inches
        left = x + label.inches > inches + MARGIN
        start = x - label.inches if left else x
        # Its line crosses all lower rows: it must overlap no name there.
        rows = range(len(row_ends))
        row = next((r for r in rows if start >= max(row_ends[r:])), len(row_ends))
        row_ends[row : row + 1] = [start + label.inches + 0.1]
        names.append(MarkName(t, label, row, left))
    return names


def height(lanes: list[Lane], names: list[MarkName], narrow: bool) -> float:
    """The height of the lanes and the names above them, inches."""
    return _lane_height(narrow) * (len(lanes) + 0.4) + NAME * (_highest(names) + 1)


def draw_lanes(
    ax: Axes, lanes: list[Lane], names: list[MarkName], end: int, inches: float, narrow: bool,
    tips: dict[str, str],
) -> None:  # fmt: skip
    """Draw the lanes; `tips` gets the tooltip of every bar and marker by its gid."""
    _draw_names(ax, names, len(lanes), NAME / _lane_height(narrow))
    ax.grid(visible=False, axis="y")
    ax.set_yticks([])
    for number, lane in enumerate(lanes):
        y = len(lanes) - 1 - number
        ax.axhline(y - 0.5, color=INK["rule"], linewidth=0.4, zorder=0)
        if narrow:
            ax.text(0.004 * end, y + 0.12, lane.name, fontsize=6.5, color=INK["muted"], zorder=6)
        else:
            ax.text(-0.008 * end, y, lane.name, ha="right", va="center", fontsize=8,
                    color=INK["ink"])  # fmt: skip
        for index, span in enumerate(lane.spans):
            _draw_span(ax, span, y, end, narrow, f"span-{number}-{index}", tips)
        for index, marker in enumerate(clustered(lane.markers, end / inches)):
            _draw_marker(ax, marker, y, narrow, f"mark-{number}-{index}", tips)


def clustered(markers: list[Marker], ms_per_inch: float) -> list[Marker]:
    """Numbered markers that would overlap as one, `3–5`, at the time of the first.

    Parameters
    ----------
    ms_per_inch : float
        The scale of the time axis.

    Examples
    --------
    >>> close = [Marker(t, "order", "run", "", str(n)) for n, t in enumerate((0, 10, 500), 1)]
    >>> [(marker.t, marker.label) for marker in clustered(close, ms_per_inch=100.0)]
    [(0, '1–2'), (500, '3')]
    """
    clusters: list[Marker] = []
    last = -math.inf
    for marker in markers:
        numbered = clusters and marker.label and clusters[-1].label
        if numbered and marker.t - last < (0.06 * len(clusters[-1].label) + 0.13) * ms_per_inch:
            first = clusters[-1].label.partition("–")[0]
            label, tip = f"{first}–{marker.label}", f"{clusters[-1].tip}\n{marker.tip}"
            tone = marker.tone if marker.tone == clusters[-1].tone else "mixed"
            clusters[-1] = clusters[-1]._replace(label=label, tip=tip, tone=tone)
        else:
            clusters.append(marker)
            last = marker.t
    return clusters


def _lane_height(narrow: bool) -> float:
    return LANE * (1.2 if narrow else 1)


def _highest(names: list[MarkName]) -> int:
    return max((name.row for name in names), default=0)


def _draw_names(ax: Axes, names: list[MarkName], lanes: int, row_height: float) -> None:
    top, highest = lanes - 0.3, _highest(names)
    ax.set_ylim(-0.7, top + (highest + 1) * row_height)
    for t, label, row, left in names:
        y = top + (highest - row + 0.25) * row_height
        ax.plot([t, t], [-0.7, y + 0.3 * row_height], color=INK[label.ink], linewidth=0.8, zorder=1)
        align, offset = ("right", -2.5) if left else ("left", 2.5)
        ax.annotate(label.text, (t, y), xytext=(offset, 0), textcoords="offset points", ha=align,
                    color=INK[label.ink], fontsize=label.size, annotation_clip=False)  # fmt: skip


def _draw_span(
    ax: Axes, span: LaneSpan, y: int, end: int, narrow: bool, gid: str, tips: dict[str, str]
) -> None:
    height = 0.24 if narrow else 0.52
    low = y - (0.36 if narrow else 0.26)
    width = max(min(span.end, end) - span.start, end * 0.002)
    pending = span.tone == "pending"
    colour = INK["warn" if pending else span.tone]
    bar = ax.broken_barh([(span.start, width)], (low, height), facecolor=colour, linewidth=0,
                         alpha=0.35 if pending else 0.9, zorder=3)  # fmt: skip
    bar.set_gid(gid)
    tips[gid] = span.tip


def _draw_marker(
    ax: Axes, marker: Marker, y: int, narrow: bool, gid: str, tips: dict[str, str]
) -> None:
    y_marker = y - 0.2 if narrow else y
    hollow = marker.shape in {"page", "talk"}
    # In a cluster with different outcomes, the edge has the colour of a failure.
    mixed = marker.tone == "mixed"
    colour, edge = INK["run" if mixed else marker.tone], INK["bad" if mixed else marker.tone]
    tips[gid] = marker.tip
    if marker.label and not narrow:
        pill = {"boxstyle": "round,pad=0.25,rounding_size=0.8", "fc": colour, "ec": edge,
                "lw": 1.2 if mixed else 0}  # fmt: skip
        align = "left" if "–" in marker.label else "center"
        ax.text(marker.t, y_marker, marker.label, ha=align, va="center_baseline", fontsize=6,
                fontweight="bold", color=INK["paper"], bbox=pill, zorder=5, gid=gid)  # fmt: skip
        return
    [dot] = ax.plot(
        [marker.t], [y_marker], SYMBOLS.get(marker.shape, "o"), markersize=5, color=edge,
        markerfacecolor="none" if hollow else colour, markeredgewidth=1.0, zorder=4,
    )  # fmt: skip
    dot.set_gid(gid)
