"""The lanes of a run as bars and markers, under the names of its incidents' marks."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simulator.analysis import Timeline
from simulator.report.captions import Label
from simulator.report.lanes import Lane, LaneSpan, Marker
from simulator.report.plot_axes import TimeAxis
from simulator.report.shapes import Box, Frame, Shape, Symbol, Words, centred, segment
from simulator.score.endings import closed_early
from simulator.score.scores import Scores
from simulator.units.wording import join_words

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
    for incident in timeline.incidents:
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
        every = len(incident_ids) == len(timeline.incidents)
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


def height(lanes: Sequence[Lane], names: Sequence[MarkName], narrow: bool) -> float:
    """The height of the lanes and the names above them, points."""
    return _lane_height(narrow) * (len(lanes) + 0.4) + _names_height(names)


def lane_shapes(
    lanes: Sequence[Lane], names: Sequence[MarkName], axis: TimeAxis, frame: Frame
) -> Iterator[Shape]:
    """The lanes, from the first down, below the names of the marks."""
    lane_height = _lane_height(axis.narrow)
    middles = [
        frame.top + _names_height(names) + (n + 0.7) * lane_height for n in range(len(lanes))
    ]
    for y in middles:
        below = y + 0.5 * lane_height
        yield segment((frame.left, frame.right), (below, below), "rule", 0.4)
    yield from _names(names, axis, frame)
    for lane, y in zip(lanes, middles, strict=True):
        for span in lane.spans:
            yield _span_box(span, y, axis)
        for marker in clustered(lane.markers, 72 * axis.end / axis.width):
            yield from _marker_shapes(marker, y, axis)
    for lane, y in zip(lanes, middles, strict=True):
        if axis.narrow:
            left = frame.left + 0.004 * frame.width
            yield Words(left, y - 0.12 * lane_height, lane.name, "muted", 6.5)
        else:
            right = frame.left - 0.008 * frame.width
            yield Words(right, centred(y, 8), lane.name, "ink", 8, anchor="end")


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
    return 72 * LANE * (1.2 if narrow else 1)


def _names_height(names: Sequence[MarkName]) -> float:
    return 72 * NAME * (max((name.row for name in names), default=0) + 1)


def _names(names: Sequence[MarkName], axis: TimeAxis, frame: Frame) -> Iterator[Shape]:
    for t, label, row, left in names:
        x, y = axis.x(t), frame.top + 72 * NAME * (row + 0.75)
        yield segment((x, x), (y - 0.3 * 72 * NAME, frame.bottom), label.ink, 0.8)
        anchor, offset = ("end", -2.5) if left else ("start", 2.5)
        yield Words(x + offset, y, label.text, label.ink, label.size, anchor=anchor)


def _span_box(span: LaneSpan, y: float, axis: TimeAxis) -> Box:
    lane_height = _lane_height(axis.narrow)
    height = (0.24 if axis.narrow else 0.52) * lane_height
    top = y + 0.12 * lane_height if axis.narrow else y - height / 2
    left = axis.x(span.start)
    width = max(axis.x(min(span.end, axis.end)) - left, axis.width * 0.002)
    pending = span.tone == "pending"
    ink, opacity = ("warn", 0.35) if pending else (span.tone, 0.9)
    return Box(Frame(left, top, width, height), ink, opacity, tip=span.tip)


def _marker_shapes(marker: Marker, y: float, axis: TimeAxis) -> Iterator[Shape]:
    x = axis.x(marker.t)
    # In a cluster with different outcomes, the edge has the colour of a failure.
    mixed = marker.tone == "mixed"
    ink, edge = ("run", "bad") if mixed else (marker.tone, marker.tone)
    if marker.label and not axis.narrow:
        # A digit is .64 of its height wide, in bold.
        text, size, pad = marker.label, 6.0, 2.2
        width = 0.64 * size * len(text) + 2 * pad
        left = x - pad if "–" in text else x - width / 2
        frame = Frame(left, y - size / 2 - pad, width, size + 2 * pad)
        yield Box(frame, ink, radius=frame.height / 2, edge=edge if mixed else "", tip=marker.tip)
        middle = left + width / 2
        yield Words(middle, centred(y, size), text, "paper", size, bold=True, anchor="middle")
        return
    y = y + 0.2 * _lane_height(axis.narrow) if axis.narrow else y
    hollow = marker.shape in {"page", "talk"}
    shape = SYMBOLS.get(marker.shape, "o")
    yield Symbol(x, y, shape, "" if hollow else ink, edge, marker.tip)
