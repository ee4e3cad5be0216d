"""Shapes as a PNG, for a README."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.report.shapes import Box, Shape, Stroke, Words
from simulator.report.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ALIGN = {"start": "left", "middle": "center", "end": "right"}


def save_shapes(
    shapes: Sequence[Shape], width: float, height: float, path: Path, dpi: int = 160
) -> None:
    """Save shapes, sizes in points, in the order in which they are drawn."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context({"text.parse_math": False}):
        figure = Figure(figsize=(width / 72, height / 72))
        FigureCanvasAgg(figure)
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set_xlim(0, width)
        ax.set_ylim(height, 0)
        ax.axis("off")
        for number, shape in enumerate(shapes):
            _draw(ax, shape, number)
        figure.savefig(path, dpi=dpi, facecolor="white", metadata={"Software": None})


def _draw(ax: Axes, shape: Shape, order: int) -> None:
    from matplotlib.patches import FancyBboxPatch, Rectangle

    ink = INK.get(shape.ink, "none")
    if isinstance(shape, Stroke):
        dashes = tuple(float(part) / shape.width for part in shape.dash.split())
        [line] = ax.plot(shape.x, shape.y, color=ink, linewidth=shape.width, zorder=order,
                         alpha=shape.opacity, linestyle=(0, dashes) if dashes else "-")  # fmt: skip
        if shape.clip:
            left, top, width, height = shape.clip
            line.set_clip_path(Rectangle((left, top), width, height, transform=ax.transData))
    elif isinstance(shape, Box):
        left, top, width, height = shape.frame
        style = f"round,pad=0,rounding_size={shape.radius}" if shape.radius else "square,pad=0"
        edge = {"edgecolor": INK[shape.edge], "linewidth": 1.2} if shape.edge else {"linewidth": 0}
        ax.add_patch(FancyBboxPatch((left, top), width, height, boxstyle=style, facecolor=ink,
                                    alpha=shape.opacity, zorder=order, **edge))  # fmt: skip
    elif isinstance(shape, Words):
        ax.text(shape.x, shape.y, shape.text, color=ink, fontsize=shape.size, zorder=order,
                fontweight="bold" if shape.bold else "normal", ha=ALIGN[shape.anchor])  # fmt: skip
    else:
        ax.plot([shape.x], [shape.y], shape.shape, markersize=5, markerfacecolor=ink,
                markeredgecolor=INK[shape.edge], markeredgewidth=1.0, zorder=order)  # fmt: skip
