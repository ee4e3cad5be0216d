"""The graph of a playbook: its moves from state to state, which a run is aligned with.

A step is a move; a branch, a condition and what follows a failed `verify` are ways side by side,
joined by silent moves. Looks that a condition or a `verify` takes again and again are loops: any
number of them is a run of the playbook. Once it is over, it may begin again.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from simulator.actions import ACTIONS, TARGETS
from simulator.registry import Args, reference_of
from simulator.run.header import PlaybookGraph, PlaybookMove
from simulator.scenario import Playbook, Step
from simulator.scenario.playbook import StepOrder

LOOK = "look"
# The kinds of arguments in which a move differs from others of its action.
IDENTIFYING = TARGETS | {"pod", "serving pool"}


def playbook_graph(playbook: Playbook) -> PlaybookGraph:
    """The graph of a playbook: its runs are the paths from state 0 to the end."""
    builder = _Builder()
    end = builder.take(playbook.steps, 0)
    builder.move(end, 0)
    return PlaybookGraph(playbook.name, end, tuple(builder.moves))


class _Builder:
    def __init__(self) -> None:
        self.moves: list[PlaybookMove] = []
        self._states = 1

    def move(self, source: int, target: int, action: str = "", args: Args | None = None) -> int:
        """Add a move; return its target."""
        self.moves.append(PlaybookMove(source, target, action, dict(args or {})))
        return target

    def take(self, steps: Iterable[Step], state: int) -> int:
        """Add the moves of some steps from a state on; return the state after them."""
        for step in steps:
            if step.if_ is None:
                state = self._step(step, state)
            else:
                self.move(state, state, LOOK)
                state = self._join(self._step(step, state), state)
        return state

    def _step(self, step: Step, state: int) -> int:
        if step.branch is not None:
            return self._branch(step, state)
        if step.wait is not None:
            return state
        if step.order is not None:
            return self.move(state, self._new(), step.order.kind, _identifying(step.order))
        looked = self.move(state, self._new(), LOOK)
        if step.verify is None:
            return looked
        self.move(looked, looked, LOOK)
        return self._join(self.take(step.otherwise, looked), looked) if step.otherwise else looked

    def _branch(self, step: Step, state: int) -> int:
        branches = step.branch or ()
        self.move(state, state, LOOK)
        ends = [self.take(branch.steps, state) for branch in branches]
        exhaustive = any(branch.otherwise for branch in branches)
        return self._join(*ends, *(() if exhaustive else (state,)))

    def _join(self, *ends: int) -> int:
        """Silent moves from the ends of several ways to a new state."""
        joined = self._new()
        for end in ends:
            self.move(end, joined)
        return joined

    def _new(self) -> int:
        self._states += 1
        return self._states - 1


def _identifying(order: StepOrder) -> dict[str, Any]:
    return dict(_arguments(order))


def _arguments(order: StepOrder) -> Iterator[tuple[str, Any]]:
    """The arguments that name what an order is about, without those known in the drill only."""
    cls = ACTIONS.get(order.kind)
    for key, info in cls.model_fields.items():
        mark, value = reference_of(info), order.args.get(key)
        if mark is None or mark.claim or value in (None, "") or "${" in str(value):
            continue
        if mark.to in IDENTIFYING or (cls.kind, key) == ("page", "team"):
            yield key, value
