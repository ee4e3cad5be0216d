"""Writes reports/gallery/faults.html: each fault's signature, and what its moves come to.

`python -m tests.moves.page` plays every fault's drill, three seeds a course (about ten minutes on
two cores). Pictures are of the first seed, with the fault (nobody answers) and without it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator.analysis.signature import SignatureSeries, signature_of
from simulator.director.fault_moves import BoundMove
from simulator.faults import FAULTS, WrongMove
from simulator.play.moves import Consequence, play_move
from simulator.registry import describe
from simulator.report.shapes import Frame, Stroke, Words
from simulator.report.svg import INK, to_svg
from simulator.session import Session
from simulator.setting import Setting
from simulator.units.wording import format_sample_value
from tests.forks import run_forked
from tests.moves.playing import (
    DRILLS,
    EXPLAINED,
    FAULT,
    NOBODY,
    Courses,
    complaints,
    drill_of,
    inject_of,
    interval,
    label_of,
    moves_of,
    play_fault,
)

PAGE = Path(__file__).parents[2] / "reports" / "gallery" / "faults.html"
SEEDS = range(1, 4)
WIDTH, HEIGHT = 168.0, 54.0
LEFT_OUT = {"__name__", "job", "instance", "namespace", "container", "model_name", "handler"}


class FaultEntry(NamedTuple):
    """What the page shows of a fault."""

    name: str
    signature: list[SignatureSeries]
    onset: int
    moves: list[BoundMove]
    courses: Courses
    complaints: list[str]


def entry_of(name: str) -> FaultEntry:
    """Play a fault's drill."""
    setting = drill_of(name)
    onset = inject_of(setting).at
    moves = moves_of(setting)
    courses = play_fault(name, SEEDS, setting)
    signature = signature_of(*_with_and_without(setting), onset)
    return FaultEntry(
        name, signature, onset, moves, courses, list(complaints(name, moves, courses))
    )


def _with_and_without(setting: Setting) -> Iterator[object]:
    for twin in ("", "no-fault"):
        yield play_move(Session(setting, 1, twin=twin), (), FAULT)


def picture(series: SignatureSeries, onset: int, name: str) -> str:
    """A small picture of a series: with the fault over without it, from the onset on shaded."""
    both = np.concatenate((series.with_fault, series.without))
    both = both[np.isfinite(both)]
    low, high = (float(both.min()), float(both.max())) if len(both) else (0.0, 1.0)
    frame = Frame(0.0, 12.0, WIDTH, HEIGHT - 14.0)
    first, last = int(series.times[0]), int(series.times[-1])
    x = frame.left + (series.times - first) / max(last - first, 1) * frame.width

    def line(values: np.ndarray, ink: str, width: float, dash: str = "") -> Stroke:
        y = frame.bottom - (values - low) / ((high - low) or 1.0) * frame.height
        return Stroke(x, y, ink, width, dash)

    begin = frame.left + (onset - first) / max(last - first, 1) * frame.width
    shapes = [
        Stroke(np.array([begin, begin]), np.array([frame.top, frame.bottom]), "rule", 1.0),
        line(series.without, "no-fault", 1.2),
        line(series.with_fault, "bad", 1.4),
        Words(0.0, 8.0, format_sample_value(high), "muted", 8.0),
        Words(WIDTH, 8.0, f"least {format_sample_value(low)}", "muted", 8.0, anchor="end"),
    ]
    return to_svg(shapes, WIDTH, HEIGHT, name, f"{series.metric} with and without the fault")


def figure(series: SignatureSeries, onset: int, name: str) -> str:
    """A picture with its metric and labels."""
    labels = ", ".join(
        f"{key}={value}" for key, value in series.labels.items() if key not in LEFT_OUT
    )
    caption = f"<code>{escape(series.metric)}</code> <small>{escape(labels)}</small>"
    return f"<figure>{picture(series, onset, name)}<figcaption>{caption}</figcaption></figure>"


def rows_of(entry: FaultEntry) -> Iterator[str]:
    """The rows of a fault's table: nobody, then each move."""
    yield _row("nobody", "nothing", "", entry.courses[NOBODY])
    for bound in entry.moves:
        move = bound.move
        orders = "; ".join(map(str, move.steps)) or "wait"
        kind = f"wrong: {move.cost}" if isinstance(move, WrongMove) else "right"
        if not bound.is_right and not move.steps:
            kind = "wrong"
        kind = "meanwhile" if bound.is_right and not move.cures else kind
        yield _row(kind, orders, move.why, entry.courses[label_of(move, entry.moves)])
    yield from (
        _row("", course, "", entry.courses[course])
        for course in entry.courses
        if course.endswith(("later", "then right"))
    )


def _row(kind: str, orders: str, why: str, played: Iterable[Consequence]) -> str:
    played = list(played)
    recovered = f"{sum(item.recovered for item in played)} of {len(played)}"
    outside = interval([item.seconds_outside / 60 for item in played])
    depth = interval([item.depth for item in played])
    debts = ", ".join(sorted({debt.replace("_", " ") for item in played for debt in item.debts}))
    tone = kind.split(":")[0] or "later"
    cells = [
        f'<td class="{tone}">{escape(kind)}</td>',
        f"<td><code>{escape(orders)}</code><br><small>{escape(why)}</small></td>",
        f"<td>{recovered}</td>",
        f"<td>{outside.mean:.1f} ± {outside.half:.1f}</td>",
        f"<td>{depth}</td>",
        f"<td>{escape(debts)}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def section(entry: FaultEntry) -> str:
    """A fault's part of the page."""
    cls = FAULTS.get(entry.name)
    pictures = "".join(
        figure(series, entry.onset, f"{entry.name}-{number}")
        for number, series in enumerate(entry.signature)
    )
    explained = EXPLAINED.get(entry.name, "")
    problems = "".join(f"<li>{escape(text)}</li>" for text in entry.complaints)
    head = "".join(
        f"<th>{name}</th>"
        for name in ("", "orders", "recovered", "minutes outside", "depth", "debts at the end")
    )
    return (
        f'<section id="{entry.name}"><h2>{entry.name}</h2>'
        f"<p>{escape(describe(cls).about)} <code>{cls.cause()}</code></p>"
        f'<div class="signature">{pictures}</div>'
        f"<table><tr>{head}</tr>{''.join(rows_of(entry))}</table>"
        + (f"<p>{escape(explained)}</p>" if explained else "")
        + (f"<p>Not as declared:</p><ul>{problems}</ul>" if problems else "")
        + "</section>"
    )


STYLE = """
body { margin: 0 auto; max-width: 1080px; padding: 0 20px 60px; color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; background: var(--paper); }
section { border-top: 1px solid var(--rule); padding: 6px 0 18px; }
h2 { margin: 14px 0 0; font-size: 19px; } p { margin: 4px 0 10px; max-width: 76ch; }
nav { columns: 4 200px; font-size: 13px; }
.signature { display: flex; flex-wrap: wrap; gap: 14px; }
figure { margin: 0; width: 168px; } figure svg { width: 168px; display: block; }
figcaption { font-size: 11px; line-height: 1.25; color: var(--muted); overflow-wrap: anywhere; }
table { border-collapse: collapse; margin-top: 12px; width: 100%; font-size: 13px; }
th { text-align: left; font-weight: 500; color: var(--muted); }
th, td { padding: 4px 14px 4px 0; vertical-align: top; border-top: 1px solid var(--rule); }
td:nth-child(n+3) { font-variant-numeric: tabular-nums; white-space: nowrap; }
td:last-child { white-space: normal; } small { color: var(--muted); }
.right, .meanwhile { color: var(--good); } .wrong { color: var(--bad); }
"""


def page(entries: Iterable[FaultEntry]) -> str:
    """The whole page."""
    entries = list(entries)
    colors = "".join(f"--{name}: {color};" for name, color in INK.items())
    links = "<br>".join(f'<a href="#{entry.name}">{entry.name}</a>' for entry in entries)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Faults and moves</title><style>:root {{{colors}}}{STYLE}</style>"
        "<h1>Faults: what they show, what helps, what tempts</h1>"
        f"<p>Each of {len(entries)} faults in a small drill of its own. Pictures: the series that "
        "differ most, <b style='color:var(--bad)'>with</b> and "
        "<b style='color:var(--no-fault)'>without</b> the fault, nobody answering; the line "
        "is its onset. Tables: means over three seeds with 95 % intervals. Depth is how far "
        "outside of the objectives, in limits times seconds.</p>"
        f"<nav>{links}</nav>{''.join(map(section, entries))}</html>\n"
    )


def main() -> None:
    """Play the drills of the faults that are named, by default of all, and write the page."""
    names = sys.argv[1:] or sorted(p.stem for p in DRILLS.glob("*.yaml") if p.stem != "begins")
    tasks = [(name, partial(entry_of, name)) for name in names]
    entries = sorted(entry for _, entry in run_forked(tasks))
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(entries))
    for entry in entries:
        for complaint in entry.complaints:
            print(f"{entry.name}: {complaint}")


if __name__ == "__main__":
    main()
