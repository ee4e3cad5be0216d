"""What is right and what is wrong against every fault, played: the data of `Fault.right_moves`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from simulator.actions import ACTIONS
from simulator.faults import FAULTS, WrongMove
from simulator.registry import Part
from tests.forks import run_forked
from tests.moves.playing import (
    BEGINS,
    DRILLS,
    NOBODY,
    complaints,
    drill_of,
    interval,
    moves_of,
    play_fault,
)
from tests.seeds import seeds

FAULT_NAMES = sorted(path.stem for path in DRILLS.glob("*.yaml") if path.stem != "begins")


def test_every_fault_has_its_drill_and_its_moves() -> None:
    assert list(FAULTS.names()) == FAULT_NAMES
    assert BEGINS.keys() <= FAULTS.all().keys()
    for name, fault in FAULTS.all().items():
        assert fault.right_moves, name
        assert fault.wrong_moves, name
        assert not any(isinstance(move, WrongMove) for move in fault.right_moves), name


@pytest.mark.parametrize("name", FAULTS.names())
def test_moves_order_what_exists(name: str) -> None:
    fault = FAULTS.get(name)
    for move in (*fault.right_moves, *fault.wrong_moves):
        assert move.why.endswith("."), name
        for step in move.steps:
            action: type[Part] = ACTIONS.get(step.action)
            names = {info.alias or key for key, info in action.model_fields.items()}
            assert step.args.keys() <= names | action.model_fields.keys(), (name, step)


@pytest.mark.slow
def test_right_moves_help_and_wrong_moves_cost(
    record_property: Callable[[str, object], None],
) -> None:
    # One test, so that the drills of all faults share two processes.
    tasks = [(name, partial(measure, name)) for name in FAULT_NAMES]
    problems = {}
    for name, (rows, why) in sorted(run_forked(tasks)):
        for row in rows:
            record_property("table: Moves, depth and seconds outside of objectives", row)
        if why:
            problems[name] = why
    assert not problems


def measure(name: str) -> tuple[list[dict[str, str]], list[str]]:
    """A fault's rows of the table, and where they are not as declared."""
    setting = drill_of(name)
    moves = moves_of(setting)
    courses = play_fault(name, seeds(3, share=1), setting)
    rows = [
        {
            "fault": name if course == NOBODY else "",
            "course": course,
            "recovered": f"{sum(item.recovered for item in played)}/{len(played)}",
            "seconds outside": str(interval([item.seconds_outside for item in played])),
            "depth": str(interval([item.depth for item in played])),
            "debts": ", ".join(sorted({debt for item in played for debt in item.debts})),
        }
        for course, played in courses.items()
    ]
    return rows, list(complaints(name, moves, courses))
