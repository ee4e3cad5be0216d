"""The figure of a run: its lanes above the objectives and the series that the alerts read."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from simulator.analysis import Timeline
from simulator.report import plot_curves, plot_lanes
from simulator.report.captions import ROW
from simulator.report.lanes import lanes
from simulator.report.plot_axes import TimeAxis, stacked, time_grid
from simulator.report.png import save_shapes
from simulator.report.series import key_series
from simulator.report.shapes import Frame, Shape, segment
from simulator.report.svg import to_svg
from simulator.run import NO_FAULT, NONE
from simulator.score.scores import Scores

WIDE, NARROW = 10.6, 4.3  # inches; the narrow one is for phones
PANEL, GAP, TIME_AXIS = 0.95, 0.22, 0.15  # inches; TIME_AXIS widens the gap below an axis


def figure_svgs(timeline: Timeline, scores: Scores) -> tuple[str, str]:
    """The run's figure as `<svg>` elements: a wide one, and a narrow one."""
    label = "Faults, alerts, pages and orders over the objectives' true values"
    wide, narrow = figures(timeline, scores)
    return (
        to_svg(wide.shapes, wide.width, wide.height, "wide", label),
        to_svg(narrow.shapes, narrow.width, narrow.height, "narrow", label),
    )


def save_png(timeline: Timeline, scores: Scores, path: Path, dpi: int = 160) -> None:
    """Save the run's figure as a PNG, for a README."""
    wide, _ = figures(timeline, scores)
    save_shapes(wide.shapes, wide.width, wide.height, path, dpi)


class Figure(NamedTuple):
    """The shapes of a figure and its size in points."""

    shapes: list[Shape]
    width: float
    height: float


def figures(timeline: Timeline, scores: Scores) -> tuple[Figure, Figure]:
    """The wide and the narrow figure of a run."""
    content = _Content(timeline, scores)
    return _figure(content, WIDE), _figure(content, NARROW)


class _Content:
    """The content of a run's figures."""

    def __init__(self, timeline: Timeline, scores: Scores) -> None:
        self.timeline, self.scores = timeline, scores
        self.lanes, self.panels = lanes(timeline), key_series(timeline)
        measured = len(timeline.truth.times) > 0
        self.objectives = timeline.truth.objectives if measured else ()
        self.end = max(timeline.end, 1)


def _figure(content: _Content, width: float) -> Figure:
    """The figure of a width in inches."""
    narrow = width < 6
    longest = max((len(lane.name) for lane in content.lanes), default=0)
    left = 0.5 if narrow else max(0.7, 0.068 * longest + 0.15)
    inches = width - left - (0.2 if narrow else 0.75)
    names = plot_lanes.mark_names(content.timeline, content.scores, content.end, inches)
    captions = [plot_curves.objective_caption(o, inches) for o in content.objectives]
    captions += [plot_curves.panel_caption(panel, inches) for panel in content.panels]
    heights = [plot_lanes.height(content.lanes, names, narrow)] + [72 * PANEL] * len(captions)
    gaps = [0.06] + [GAP + ROW * len(caption) for caption in captions]
    gaps[1:2] = [gap + TIME_AXIS for gap in gaps[1:2]]
    frames = stacked(72 * left, 72 * inches, heights, [72 * gap for gap in gaps])
    axis = TimeAxis(72 * left, 72 * inches, content.end, narrow)
    shapes: list[Shape] = []
    for frame in frames:
        labelled = frame in (frames[0], frames[-1])
        shapes += time_grid(axis, frame, content.timeline.header, labelled)
    shapes += plot_lanes.lane_shapes(content.lanes, names, axis, frames[0])
    objectives, rest = content.objectives, len(content.objectives)
    for frame in frames[1:]:
        shapes += _incident_lines(content.timeline, axis, frame)
    for objective, frame, rows in zip(objectives, frames[1:], captions, strict=False):
        shapes += plot_curves.objective_shapes(content.timeline, objective, axis, frame, rows)
    for panel, frame, rows in zip(content.panels, frames[1 + rest :], captions[rest:], strict=True):
        shapes += plot_curves.panel_shapes(panel, axis, frame, rows)
    return Figure(shapes, 72 * width, frames[-1].bottom + 72 * 0.3)


def _incident_lines(timeline: Timeline, axis: TimeAxis, frame: Frame) -> Iterator[Shape]:
    for incident in timeline.incidents:
        for name, ink in plot_lanes.COLOURS.items():
            t = incident.marks[name]
            if t is not None:
                x = axis.x(t)
                yield segment((x, x), (frame.top, frame.bottom), ink, 0.8, "2.4 1.6")


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
