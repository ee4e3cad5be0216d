"""The lanes of a run as bars and marks, under the names of its incidents' marks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from simulator.report.captions import Word
from simulator.report.lanes import Lane, Mark, Span
from simulator.report.svg import INK
from simulator.run import Run
from simulator.score.endings import closed_early
from simulator.score.grade import Scores
from simulator.units.wording import join_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LANE, HEAD = 0.27, 0.14  # inches
SPARE = 0.2  # inches at the right of every plot
LABELLED = ("onset", "impact", "detect", "diagnose", "mitigate", "recover", "close")
COLOURS = {"onset": "truth", "impact": "bad", "mitigate": "good", "recover": "good"}
SYMBOLS = {"page": "v", "delivered": "v", "acknowledged": "o", "order": "o", "talk": "D"}


class Head(NamedTuple):
    """The name of marks over the lanes, in the row in which it covers no other.

    It stands before its line where there is no room behind it.
    """

    t: int
    word: Word
    row: int
    before: bool


def heads(run: Run, scores: Scores, end: int, inches: float) -> list[Head]:
    """The names of all incidents' marks, over lanes that are so many inches wide.

    Where there are several incidents, each says whose it is unless it is everyone's.
    """
    whose: dict[tuple[int, str, str], list[str]] = {}
    for incident in scores.incidents:
        for name, t in incident.marks.items():
            if t is None or name not in LABELLED:
                continue
            early = name == "close" and closed_early(run, incident)
            ink = "bad" if early else COLOURS.get(name, "muted")
            told = "close, too early" if early else name
            whose.setdefault((t, ink, told), []).append(incident.id)
    # Marks of one time and colour, mitigated and recovered say, share a name.
    names: dict[tuple[int, str, tuple[str, ...]], list[str]] = {}
    for (t, ink, name), ids in sorted(whose.items(), key=lambda one: one[0][0]):
        names.setdefault((t, ink, tuple(ids)), []).append(name)
    found: list[Head] = []
    taken: list[float] = []
    for (t, ink, who), marks in names.items():
        of = "" if len(who) == len(scores.incidents) else f"{join_words([*who])}: "
        word, inch = Word(of + ", ".join(marks), ink), t / end * inches
        before = inch + word.inches > inches + SPARE
        start = inch - word.inches if before else inch
        # Its line comes up from the lanes: no name in a lower row may be in its way.
        row = next((r for r in range(len(taken)) if start >= max(taken[r:])), len(taken))
        taken[row : row + 1] = [start + word.inches + 0.1]
        found.append(Head(t, word, row, before))
    return found


def height(rows: list[Lane], above: list[Head], narrow: bool) -> float:
    """How tall the lanes are with the names above them, inches."""
    return _lane(narrow) * (len(rows) + 0.4) + HEAD * (_highest(above) + 1)


def draw(
    ax: Axes, rows: list[Lane], above: list[Head], end: int, inches: float, narrow: bool,
    tips: dict[str, str],
) -> None:  # fmt: skip
    """Draw the lanes; `tips` gets the tooltip of every bar and mark by its gid."""
    _heads(ax, above, len(rows), HEAD / _lane(narrow))
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
        for index, mark in enumerate(clustered(lane.marks, end / inches)):
            _mark(ax, mark, y, narrow, f"mark-{number}-{index}", tips)


def clustered(marks: list[Mark], inch: float) -> list[Mark]:
    """Numbered marks too near to be told apart as one, `3–5`, at the time of the first.

    Parameters
    ----------
    marks : list of Mark
    inch : float, ms
        How long an inch of the plot is.

    Examples
    --------
    >>> near = [Mark(t, "order", "run", "", str(n)) for n, t in enumerate((0, 10, 500), 1)]
    >>> [(mark.t, mark.label) for mark in clustered(near, inch=100.0)]
    [(0, '1–2'), (500, '3')]
    """
    found: list[Mark] = []
    last = -math.inf
    for mark in marks:
        near = found and mark.label and found[-1].label
        if near and mark.t - last < (0.06 * len(found[-1].label) + 0.13) * inch:
            first = found[-1].label.partition("–")[0]
            label, tip = f"{first}–{mark.label}", f"{found[-1].tip}\n{mark.tip}"
            tone = mark.tone if mark.tone == found[-1].tone else "mixed"
            found[-1] = found[-1]._replace(label=label, tip=tip, tone=tone)
        else:
            found.append(mark)
            last = mark.t
    return found


def _lane(narrow: bool) -> float:
    return LANE * (1.2 if narrow else 1)


def _highest(above: list[Head]) -> int:
    return max((head.row for head in above), default=0)


def _heads(ax: Axes, above: list[Head], rows: int, tall: float) -> None:
    top, highest = rows - 0.3, _highest(above)
    ax.set_ylim(-0.7, top + (highest + 1) * tall)
    for t, word, row, before in above:
        y = top + (highest - row + 0.25) * tall
        ax.plot([t, t], [-0.7, y + 0.3 * tall], color=INK[word.ink], linewidth=0.8, zorder=1)
        side, away = ("right", -2.5) if before else ("left", 2.5)
        ax.annotate(word.text, (t, y), xytext=(away, 0), textcoords="offset points", ha=side,
                    color=INK[word.ink], fontsize=word.size, annotation_clip=False)  # fmt: skip


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


def _mark(ax: Axes, mark: Mark, y: int, narrow: bool, gid: str, tips: dict[str, str]) -> None:
    height = y - 0.2 if narrow else y
    hollow = mark.shape in {"page", "talk"}
    # Of several orders at once that ended differently, those that failed are the edge.
    mixed = mark.tone == "mixed"
    colour, edge = INK["run" if mixed else mark.tone], INK["bad" if mixed else mark.tone]
    tips[gid] = mark.tip
    if mark.label and not narrow:
        pill = {"boxstyle": "round,pad=0.25,rounding_size=0.8", "fc": colour, "ec": edge,
                "lw": 1.2 if mixed else 0}  # fmt: skip
        many = "left" if "–" in mark.label else "center"
        ax.text(mark.t, height, mark.label, ha=many, va="center_baseline", fontsize=6,
                fontweight="bold", color=INK["paper"], bbox=pill, zorder=5, gid=gid)  # fmt: skip
        return
    [dot] = ax.plot(
        [mark.t], [height], SYMBOLS.get(mark.shape, "o"), markersize=5, color=edge,
        markerfacecolor="none" if hollow else colour, markeredgewidth=1.0, zorder=4,
    )  # fmt: skip
    dot.set_gid(gid)
