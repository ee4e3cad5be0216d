"""Playing a drill with many answers: the time before the first page is shared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from simulator.analysis import Timeline
from simulator.play import play, play_twin
from simulator.play.twins import independent_twins, twins_with_orders
from simulator.responders import drive
from simulator.run import Run
from simulator.run.counterfactuals import REFERENCE
from simulator.run.events import ActionEvent
from simulator.score import Scores, grade
from simulator.session import Session
from simulator.setting import Setting
from tests.branches import advance_to_first_page
from tests.cheats.blind import TIMES, Blind, Cheat, When
from tests.forks import run_forked


class Outcome(NamedTuple):
    """What became of a cheat: the verdict, and the first reason."""

    cheat: str
    when: When
    verdict: str
    why: str
    rule: str
    changes: tuple[str, ...] = ()
    """The actions with which it changed the world."""
    index: float | None = None


def outcomes(
    setting: Setting, seed: int, cheats: Iterable[Cheat], times: Iterable[When] = TIMES
) -> list[Outcome]:
    """The verdict on each cheat at each of its times, without twins."""
    times = tuple(times)
    later: list[Cheat] = list(cheats) if "on the first page" in times else []
    tasks: dict[str, Callable[[], list[Outcome]]] = {
        f"{cheat.name}, {when}": partial(_play_from_start, setting, seed, cheat, when)
        for cheat in cheats
        for when in times
        if when != "on the first page"
    }
    if later:
        tasks["on the first page"] = partial(_from_first_page, setting, seed, later)
    return [outcome for _, played in run_forked(tasks.items()) for outcome in played]


def _play_from_start(setting: Setting, seed: int, cheat: Cheat, when: When) -> list[Outcome]:
    return [_judged(setting, play(setting, seed, Blind(cheat, when)), cheat, when)]


def _from_first_page(setting: Setting, seed: int, cheats: list[Cheat]) -> list[Outcome]:
    session = Session(setting, seed, responder="blind")
    advance_to_first_page(session)

    def branch(cheat: Cheat) -> Outcome:
        drive(session, {session.plays: Blind(cheat, "on the first page")})
        return _judged(setting, session.finish(), cheat, "on the first page")

    tasks = ((cheat.name, partial(branch, cheat)) for cheat in cheats)
    return [outcome for _, outcome in run_forked(tasks, cores=1)]


def _judged(setting: Setting, run: Run, cheat: Cheat, when: When) -> Outcome:
    return _outcome(run, grade(Timeline(run, {}), setting.rubric), cheat, when)


def _outcome(run: Run, scores: Scores, cheat: Cheat, when: When) -> Outcome:
    reason = scores.why[0]
    changes = {
        event.action
        for event in run.of(ActionEvent)
        if event.who in run.header.graded_players
        and event.state in ("done", "unknown")
        and event.changed
        and run.header.actions[event.action].effect == "world"
    }
    return Outcome(
        cheat.name, when, scores.verdict, reason.text, reason.rule, tuple(sorted(changes))
    )


class Yardsticks(NamedTuple):
    """The twins that all answers to a drill and seed share, and the reference's index."""

    twins: Mapping[str, Run]
    index: float


def yardsticks(setting: Setting, seed: int) -> Yardsticks:
    """Play the twins without orders, and grade the reference."""
    twins = {t.name: play_twin(setting, seed, t) for t in independent_twins(setting)}
    scores = graded(setting, seed, twins[REFERENCE], twins)
    assert scores.index is not None, scores.index_why
    return Yardsticks(twins, scores.index)


def graded(setting: Setting, seed: int, run: Run, twins: Mapping[str, Run]) -> Scores:
    """The scores of a run, with the twins of its own orders."""
    own = {t.name: play_twin(setting, seed, t, run) for t in twins_with_orders(run)}
    return grade(Timeline(run, {**twins, **own}), setting.rubric)


def with_indices(
    setting: Setting, seed: int, cheats: Iterable[Cheat], when: When = "on the first page"
) -> tuple[float, list[Outcome]]:
    """The index of the reference, and the verdict and index of each cheat."""
    shared = yardsticks(setting, seed)

    def answer(cheat: Cheat) -> Outcome:
        run = play(setting, seed, Blind(cheat, when), name="blind")
        scores = graded(setting, seed, run, shared.twins)
        outcome = _outcome(run, scores, cheat, when)
        return outcome._replace(index=scores.index)

    tasks = ((cheat.name, partial(answer, cheat)) for cheat in cheats)
    return shared.index, [outcome for _, outcome in run_forked(tasks)]
