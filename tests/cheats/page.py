"""Writes reports/gallery/cheats.md: what each cheat comes to on each shipped drill.

`python -m tests.cheats.page [SEEDS] [SEQUENCES]` plays every cheat at all of its times, every list
on the first page, and random sequences: about an hour a seed on two cores.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from simulator.analysis import Timeline
from simulator.analysis.worth import seconds_outside
from simulator.play import play_twin
from simulator.play.twins import REFERENCE_TWIN
from simulator.responders import drive
from simulator.score import grade
from simulator.session import Session
from simulator.setting import Setting, load
from tests.branches import advance_to_first_page
from tests.cheats.blind import TIMES, destructive, loops
from tests.cheats.drills import drill_names, families
from tests.cheats.lists import fixed_lists
from tests.cheats.names import names_of
from tests.cheats.playing import Outcome, outcomes, with_indices
from tests.cheats.random_orders import Drawn, draw
from tests.forks import run_forked

PAGE = Path(__file__).parents[2] / "reports" / "gallery" / "cheats.md"


class Winner(NamedTuple):
    """A random sequence that passes, beside the reference."""

    number: int
    orders: str
    seconds: float


class DrillEntry(NamedTuple):
    """What the page says of a drill."""

    name: str
    cheats: int
    passed: list[str]
    lists: int
    lists_passed: list[Outcome]
    par: float
    reference_seconds: float
    drawn: int
    winners: list[Winner]


def entry_of(drill: str, seeds: int, sequences: range) -> DrillEntry:
    """Play a drill's cheats, lists and random sequences."""
    setting, names = load(drill), names_of(drill)
    count, passed = 0, []
    for seed in range(1, seeds + 1):
        results = outcomes(setting, seed, destructive(names), TIMES)
        results += outcomes(setting, seed, loops(names), ("every ten minutes",))
        count += len(results)
        passed += [f"{o.cheat}, {o.when} (seed {seed})" for o in results if o.verdict != "fail"]
    lists = fixed_lists(names)
    by_list = outcomes(setting, 1, lists, ("on the first page",))
    good = {o.cheat for o in by_list if o.verdict == "pass"}
    par, graded = with_indices(setting, 1, [cheat for cheat in lists if cheat.name in good])
    reference = play_twin(setting, 1, REFERENCE_TWIN)
    winners = list(random_winners(setting, drill, sequences))
    return DrillEntry(
        drill, count, passed, len(lists), graded, par,
        seconds_outside(reference) or 0.0, len(sequences), winners,
    )  # fmt: skip


def random_winners(setting: Setting, drill: str, sequences: range) -> Iterator[Winner]:
    """The random sequences that pass a drill."""
    names = names_of(drill)
    session = Session(setting, 1, responder="random")
    advance_to_first_page(session)

    def answer(number: int) -> Winner | None:
        orders = draw(names, number)
        drive(session, {session.plays: Drawn(orders)})
        run = session.finish()
        if grade(Timeline(run, {}), setting.rubric).verdict != "pass":
            return None
        text = ", ".join(f"{t.order.kind} {dict(t.order.args) or ''}".strip() for t in orders)
        return Winner(number, text, seconds_outside(run) or 0.0)

    for _, winner in run_forked((number, partial(answer, number)) for number in sequences):
        if winner is not None:
            yield winner


def page(entries: list[DrillEntry]) -> str:
    """The page in Markdown."""
    return "\n".join(_lines(entries)) + "\n"


def _lines(entries: list[DrillEntry]) -> Iterator[str]:
    yield "# Cheats"
    yield ""
    yield "Answers that read nothing, on every shipped drill. `make cheats` plays them again."
    yield ""
    yield "| drill | destructive or passive | passed | fixed lists | passed | random | passed |"
    yield "|---|---|---|---|---|---|---|"
    for e in entries:
        yield (
            f"| {e.name} | {e.cheats} | {'; '.join(e.passed) or 'none'} | {e.lists} | "
            f"{len(e.lists_passed)} | {e.drawn} | {len(e.winners)} |"
        )
    yield from ("", "## Lists that pass", "", "| drill | list | index | reference |")
    yield "|---|---|---|---|"
    for e in entries:
        for outcome in e.lists_passed:
            yield f"| {e.name} | {outcome.cheat} | {outcome.index} | {e.par} |"
    yield from ("", "## Families", "")
    by_name = {e.name: {o.cheat for o in e.lists_passed} for e in entries}
    for family, drills in families().items():
        whole = set.intersection(*(by_name[drill] for drill in drills if drill in by_name))
        yield f"- {family} ({', '.join(drills)}): {', '.join(sorted(whole)) or 'no list'} passes all"
    yield from ("", "## Random sequences that pass", "")
    yield "| drill | number | orders | seconds outside | reference |"
    yield "|---|---|---|---|---|"
    for e in entries:
        for winner in e.winners:
            yield (
                f"| {e.name} | {winner.number} | `{winner.orders}` | {winner.seconds:g} | "
                f"{e.reference_seconds:g} |"
            )


def main(arguments: list[str]) -> None:
    """Play everything and write the page."""
    seeds = int(arguments[0]) if arguments else 3
    total = int(arguments[1]) if len(arguments) > 1 else 1000
    drills, entries = drill_names(), []
    for number, drill in enumerate(drills):
        share = range(total * number // len(drills), total * (number + 1) // len(drills))
        entries.append(entry_of(drill, seeds, share))
        print(f"{drill}: {len(entries[-1].passed)} cheats and "
              f"{len(entries[-1].lists_passed)} lists pass", flush=True)  # fmt: skip
    PAGE.write_text(page(entries), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main(sys.argv[1:])
