"""A matplotlib figure as inline SVG: themed by CSS, with tooltips, and reproducible bytes."""

import io
import re
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: searchable, selectable, in the page's font
    "svg.hashsalt": "ml-gameday",
    "text.parse_math": False,  # an alert's name may contain a dollar sign
    "font.size": 8.0,
    "axes.edgecolor": INK["rule"],
    "axes.labelcolor": INK["muted"],
    "text.color": INK["ink"],
    "xtick.color": INK["muted"],
    "ytick.color": INK["muted"],
    "axes.linewidth": 0.7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.0,
    "path.simplify": True,
    "path.simplify_threshold": 0.3,
    "hatch.linewidth": 0.6,
}


def to_svg(figure: "Figure", name: str, label: str, tips: Mapping[str, str] | None = None) -> str:
    """The figure as one `<svg>` element.

    Parameters
    ----------
    name : str
        A prefix for every id, so that several figures can share a page.
    label : str
        A description for screen readers.
    tips : mapping of str to str
        Tooltips by the gid of an artist.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.S)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.S)
    text = re.sub(r"<style.*?</style>\s*", "", text, flags=re.S)  # it would style the whole page
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = re.sub(r"(\d+\.\d)\d+(?=[\s\",;])", r"\1", text)
    text = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", text)
    text = re.sub(r"font: (\d00) ([\d.]+px) [^;\"]*", r"font-size: \2; font-weight: \1", text)
    text = re.sub(r"font-family: [^;\"]*;? ?", "", text)
    text = re.sub(r"\n\s*", "\n", text)
    for variable, colour in INK.items():
        text = text.replace(colour, f"var(--{variable})")
    for gid, tip in (tips or {}).items():
        group = f'<g id="{name}-{gid}">'
        text = text.replace(group, f"{group}<title>{escape(tip)}</title>")
    return re.sub(r"<svg[^>]*>", lambda match: _svg_tag(match[0], label), text, count=1)


def _svg_tag(tag: str, label: str) -> str:
    box = re.search(r'viewBox="[^"]+"', tag)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{box[0] if box else ""} role="img" aria-label="{escape(label, quote=True)}">'
    )
