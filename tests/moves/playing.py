"""Plays every move of every fault, and judges what became of it.

Each fault has a drill of its own in `drills/`, named as the fault; its inject is called `fault`.
A seed's courses (nobody, each right move, each wrong move) part at the first order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from pydantic import ValidationError
from scipy import stats

from simulator.actions import ACTIONS
from simulator.director.fault_moves import BoundMove, bind_moves
from simulator.director.injects import BoundInject
from simulator.faults import Cost, Move, MoveStep, WrongMove
from simulator.play.moves import Consequence, consequence_of, play_move
from simulator.registry import Part
from simulator.session import Session
from simulator.setting import Setting, load
from tests.forks import run_forked

DRILLS = Path(__file__).parent / "drills"
MINUTE = 60_000
FAULT = "fault"
NOBODY = "nobody"


class Begins(NamedTuple):
    """When the first order is given, and when the right move follows a wrong one, minutes."""

    first: float = 20
    later: float = 40


BEGINS = {
    name: Begins(*minutes)
    for name, minutes in yaml.safe_load((DRILLS / "begins.yaml").read_text()).items()
}
# Faults whose drill cannot show what their moves are worth, and why.
EXPLAINED = {
    "garbled_encoding": "No category of the shipped data weighs much: accuracy stays as it was, "
    "within its noise, as an alert about data may cost nothing yet.",
}
# By course: one consequence a seed.
Courses = Mapping[str, Sequence[Consequence]]


def drill_of(fault: str) -> Setting:
    """The setting of a fault's drill."""
    return load(DRILLS / f"{fault}.yaml")


def inject_of(setting: Setting) -> BoundInject:
    """The fault's inject."""
    return next(inject for inject in setting.injects if inject.id == FAULT)


def moves_of(setting: Setting) -> list[BoundMove]:
    """The fault's moves, bound to its drill."""
    inject, plays = inject_of(setting), setting.scenario.plays
    begins = round(BEGINS.get(inject.name, Begins()).first * MINUTE)
    return list(
        bind_moves(
            inject, setting.organisation, plays, setting.params, setting.world, begins=begins
        )
    )


def label_of(move: Move, moves: Iterable[BoundMove]) -> str:
    """The name of a course: `right 1`, `wrong 2`."""
    wrong = isinstance(move, WrongMove)
    alike = [bound.move for bound in moves if bound.is_right != wrong]
    number = next(i for i, other in enumerate(alike, 1) if other is move)
    return f"{'wrong' if wrong else 'right'} {number}"


def courses_of(setting: Setting, begins: Begins) -> dict[str, list[tuple[MoveStep, ...]]]:
    """The orders of each course: what is ordered first, and what is ordered later."""
    moves = moves_of(setting)
    courses: dict[str, list[tuple[MoveStep, ...]]] = {NOBODY: [(), ()]}
    for bound in moves:
        courses[label_of(bound.move, moves)] = [bound.steps, ()]
        if isinstance(bound.move, WrongMove) and bound.move.cost is Cost.RELAPSE:
            right = moves[0].steps
            courses["right later"] = [(), right]
            courses[f"{label_of(bound.move, moves)}, then right"] = [bound.steps, right]
    return courses


def play_seed(setting: Setting, begins: Begins, seed: int) -> dict[str, Consequence]:
    """The consequence of each course, for one seed."""
    session = Session(setting, seed)
    door = session.door(session.plays)
    while session.now < begins.first * MINUTE:
        session.advance(round(begins.first * MINUTE))
        door.seen()

    def play(first: tuple[MoveStep, ...], later: tuple[MoveStep, ...]) -> Consequence:
        starts = [(begins.first * MINUTE, first), (begins.later * MINUTE, later)]
        run = play_move(session, [(round(at), steps) for at, steps in starts if steps], FAULT)
        return consequence_of(run, setting, inject_of(setting).at, FAULT)

    courses = courses_of(setting, begins)
    return dict(
        run_forked(((name, partial(play, *orders)) for name, orders in courses.items()), cores=1)
    )


def play_fault(
    fault: str, seeds: Iterable[int], setting: Setting | None = None
) -> dict[str, list[Consequence]]:
    """The consequences of each course by seed."""
    setting = setting or drill_of(fault)
    begins = BEGINS.get(fault, Begins())
    courses: dict[str, list[Consequence]] = {}
    for seed in seeds:
        for name, consequence in play_seed(setting, begins, seed).items():
            courses.setdefault(name, []).append(consequence)
    return courses


class Interval(NamedTuple):
    """The 95 % interval of a mean over seeds, by Student's t."""

    mean: float
    half: float

    @property
    def low(self) -> float:
        """Its lower end."""
        return self.mean - self.half

    def __str__(self) -> str:
        return f"{self.mean:.0f} ± {self.half:.0f}"


def interval(values: Sequence[float]) -> Interval:
    """The interval of the mean of one value a seed; of a single one its width is 0."""
    if len(values) < 2:
        return Interval(float(values[0]), 0.0)
    student = stats.t.ppf(0.975, len(values) - 1)
    half = student * np.std(values, ddof=1) / len(values) ** 0.5
    return Interval(float(np.mean(values)), float(half))


def gain(
    worse: Sequence[Consequence],
    better: Sequence[Consequence],
    of: Callable[[Consequence], float] = lambda item: item.depth,
) -> Interval:
    """By how much one course is worse than another, paired by seed."""
    return interval([of(a) - of(b) for a, b in zip(worse, better, strict=True)])


def complaints(fault: str, moves: Sequence[BoundMove], courses: Courses) -> Iterator[str]:
    """Where the consequences are not those that the fault's moves declare."""
    nobody = courses[NOBODY]
    if not all(item.landed for item in nobody):
        yield "the fault does not land"
    if fault in EXPLAINED:
        if gain(nobody, courses["right 1"]).low > 0:
            yield "its drill shows what the right move is worth: nothing is to explain"
        return
    for bound in moves:
        label = label_of(bound.move, moves)
        played = courses[label]
        yield from (f"{label}: {text}" for text in invalid_orders(bound))
        for failure in sorted({note for item in played for note in item.failed}):
            if bound.is_right:
                yield f"{label}: {failure}"
        why = _right(bound, played, nobody) if bound.is_right else _wrong(bound, label, courses)
        if why:
            yield f"{label}: {why}"


def invalid_orders(bound: BoundMove) -> Iterator[str]:
    """Orders that nobody would carry out, as their arguments are not valid."""
    for step in bound.steps:
        action: type[Part] = ACTIONS.get(step.action)
        try:
            action.model_validate(step.args)
        except ValidationError as error:
            yield f"{step}: {error.errors()[0]['msg']}"


def _right(bound: BoundMove, played: Sequence[Consequence], nobody: Sequence[Consequence]) -> str:
    if bound.move.cures and not all(item.recovered for item in played):
        return "does not recover"
    # To wait is right where nothing that a team can order helps more.
    if bound.steps and gain(nobody, played).low <= 0:
        return f"saves {gain(nobody, played)}"
    return ""


def _wrong(bound: BoundMove, label: str, courses: Courses) -> str:
    assert isinstance(bound.move, WrongMove)
    played, nobody, right = courses[label], courses[NOBODY], courses["right 1"]
    cost = bound.move.cost
    if cost is Cost.NO_RECOVERY:
        return "recovers" if any(item.recovered for item in played) else ""
    if cost is Cost.HARM:
        harm = gain(played, nobody)
        return "" if harm.low > 0 else f"costs {harm} more than nobody"
    if cost is Cost.DELAY:
        delay = gain(played, right, lambda item: item.seconds_outside)
        return "" if delay.low > 0 else f"is {delay} s later than the right move"
    if cost is Cost.RELAPSE:
        alone, after = courses["right later"], courses[f"{label}, then right"]
        relapse = gain(after, alone)
        lasts = all(item.recovered for item in alone) and not any(i.recovered for i in after)
        more = f"costs {relapse} more once the right move follows, and recovers"
        return "" if relapse.low > 0 or lasts else more
    if cost is Cost.DEBT:
        left = all(set(a.debts) - set(b.debts) for a, b in zip(played, right, strict=True))
        return "" if left else "leaves no debt that the right move does not leave"
    gained = gain(nobody, played, lambda item: item.seconds_outside)
    spent = all(item.orders or item.pages for item in played)
    return "" if spent and gained.low <= 0 else f"saves {gained} s"
