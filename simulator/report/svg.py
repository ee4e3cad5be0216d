"""Shapes as inline SVG: themed by the page's CSS, with tooltips, and reproducible bytes."""

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from simulator.analysis.truth import Floats
from simulator.report.shapes import Box, Frame, Shape, Stroke, Symbol, Words, simplify

# The colours of a figure, by the CSS variable of the page that replaces each.
INK = {
    "ink": "#16202e",
    "muted": "#66717f",
    "paper": "#fefefe",
    "rule": "#d9dee6",
    "shade": "#eef1f5",
    "run": "#1f5fd0",
    "no-fault": "#2f9e6e",
    "none": "#d0722c",
    "bad": "#cc2f3c",
    "warn": "#d99a12",
    "good": "#1c8a54",
    "truth": "#8a46b8",
    "page": "#0c7f9e",
    # Lines with different labels: none of the colours above, which have a meaning.
    "s1": "#44505f",
    "s2": "#c2388f",
    "s3": "#7d5530",
    "s4": "#18a0a6",
    "s5": "#93981f",
}
# A symbol of five points: its corners from its centre.
PATHS = {"v": "M-2.5-2.5h5L0 2.5z", "D": "M0-3.5L3.5 0 0 3.5-3.5 0z"}


def to_svg(shapes: Sequence[Shape], width: float, height: float, name: str, label: str) -> str:
    """The shapes, in the order in which they are drawn, as one `<svg>` element.

    Parameters
    ----------
    width, height : float, points
    name : str
        A prefix for every id, so that several figures can share a page.
    label : str
        A description for screen readers.

    Examples
    --------
    >>> to_svg([Box(Frame(0, 0, 4, 2), "run", tip="a < b")], 8, 6, "wide", "A box").splitlines()[1]
    '<rect x="0" y="0" width="4" height="2" fill="var(--run)"><title>a &lt; b</title></rect>'
    """
    clips = dict.fromkeys(s.clip for s in shapes if isinstance(s, Stroke) and s.clip)
    ids = {clip: f"{name}-clip-{number}" for number, clip in enumerate(clips)}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_number(width)} '
        f'{_number(height)}" role="img" aria-label="{escape(label)}">',
        *(f'<clipPath id="{ids[clip]}"><rect {_frame(clip)}/></clipPath>' for clip in ids),
        *(_element(shape, ids) for shape in shapes),
        "</svg>",
    ]
    return "\n".join(lines)


def _element(shape: Shape, clips: dict[Frame, str]) -> str:
    if isinstance(shape, Stroke):
        return _stroke(shape, clips)
    if isinstance(shape, Box):
        return _box(shape)
    return _words(shape) if isinstance(shape, Words) else _symbol(shape)


def _stroke(stroke: Stroke, clips: dict[Frame, str]) -> str:
    dash = f' stroke-dasharray="{stroke.dash}"' if stroke.dash else ""
    clip = f' clip-path="url(#{clips[stroke.clip]})"' if stroke.clip else ""
    return (
        f'<path d="{"".join(_path(stroke.x, stroke.y))}" fill="none" stroke="{_ink(stroke.ink)}" '
        f'stroke-width="{_number(stroke.width)}"{dash}{_opacity(stroke.opacity)}{clip}/>'
    )


def _path(x: Floats, y: Floats) -> Iterator[str]:
    """The points between two undefined ones as a line each."""
    defined = np.isfinite(y).astype(int)
    edges = np.flatnonzero(np.diff(defined, prepend=0, append=0))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        xs, ys = simplify(x[start:end], y[start:end])
        points = zip(xs.tolist(), ys.tolist(), strict=True)
        yield "M" + " ".join(f"{left:g},{top:g}" for left, top in points)


def _box(box: Box) -> str:
    corners = f' rx="{_number(box.radius)}"' if box.radius else ""
    edge = f' stroke="{_ink(box.edge)}" stroke-width="1.2"' if box.edge else ""
    fill = f'fill="{_ink(box.ink)}"{_opacity(box.opacity)}'
    return _titled("rect", f"{_frame(box.frame)}{corners} {fill}{edge}", box.tip)


def _words(words: Words) -> str:
    bold = ' font-weight="700"' if words.bold else ""
    anchor = "" if words.anchor == "start" else f' text-anchor="{words.anchor}"'
    return (
        f'<text x="{_number(words.x)}" y="{_number(words.y)}" font-size="{_number(words.size)}" '
        f'fill="{_ink(words.ink)}"{bold}{anchor}>{escape(words.text)}</text>'
    )


def _symbol(symbol: Symbol) -> str:
    fill = f'fill="{_ink(symbol.ink) if symbol.ink else "none"}" stroke="{_ink(symbol.edge)}"'
    x, y = _number(symbol.x), _number(symbol.y)
    if symbol.shape in PATHS:
        place = f'd="{PATHS[symbol.shape]}" transform="translate({x} {y})"'
        return _titled("path", f'{place} {fill} pointer-events="all"', symbol.tip)
    return _titled("circle", f'cx="{x}" cy="{y}" r="2.5" {fill} pointer-events="all"', symbol.tip)


def _titled(tag: str, attributes: str, tip: str) -> str:
    title = f"<title>{escape(tip)}</title></{tag}>" if tip else ""
    return f"<{tag} {attributes}>{title}" if tip else f"<{tag} {attributes}/>"


def _frame(frame: Frame) -> str:
    left, top, width, height = (_number(value) for value in frame)
    return f'x="{left}" y="{top}" width="{width}" height="{height}"'


def _opacity(opacity: float) -> str:
    return "" if opacity == 1 else f' opacity="{_number(opacity)}"'


def _ink(name: str) -> str:
    return f"var(--{name})"


def _number(value: float) -> str:
    return f"{round(float(value), 2):g}"
