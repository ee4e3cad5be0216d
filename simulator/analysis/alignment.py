"""The cheapest alignment of the steps taken with a playbook.

An alignment goes through both side by side: a step with a move that it matches is free, a step
that the playbook has not and a move that nobody made cost their weight, a silent move nothing. The
cheapest is a shortest path over pairs of a step and a state of the playbook (Dijkstra).

References
----------
Carmona, van Dongen, Solti, Weidlich (2018), Conformance Checking, chapter 7.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.run.header import PlaybookGraph, PlaybookMove

# The weight of a step or a move, by its action.
Weigh = Callable[[str], int]


@dataclass(frozen=True)
class TakenStep:
    """A step that somebody took.

    Attributes
    ----------
    lines : tuple of int
        The lines of log.jsonl that show it.
    optional : bool
        Whether it is never too much, wherever the playbook has it.
    """

    action: str
    args: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[int, ...] = ()
    optional: bool = False

    def matches(self, move: PlaybookMove) -> bool:
        """Whether it is a move of the playbook: the same action, about the same."""
        return self.action == move.action and all(
            self.args.get(key) == value for key, value in move.args.items()
        )


@dataclass(frozen=True)
class Alignment:
    """The cheapest alignment.

    Attributes
    ----------
    cost : int
        The weight of its extra steps and missed moves.
    weight : int
        The weight of all steps taken and of the shortest run of the playbook: the highest cost.
    extra : tuple of TakenStep
        The steps that are no moves of the playbook.
    missed : tuple of PlaybookMove
        The moves of the playbook that nobody made.
    """

    cost: int
    weight: int
    extra: tuple[TakenStep, ...] = ()
    missed: tuple[PlaybookMove, ...] = ()

    @property
    def fitness(self) -> float:
        """1 for a run of the playbook, 0 for steps that have nothing in common with it."""
        return 1.0 - self.cost / self.weight if self.weight else 1.0


# A pair of the number of steps taken and a state; how it was reached: the pair before, and the
# step or the move, or both.
_Pair = tuple[int, int]
_Edge = tuple[_Pair, TakenStep | None, PlaybookMove | None]


def align(steps: Sequence[TakenStep], graph: PlaybookGraph, weigh: Weigh) -> Alignment:
    """The cheapest alignment of steps with a playbook.

    Examples
    --------
    >>> moves = (PlaybookMove(0, 1, "look"), PlaybookMove(1, 2, "rollback"))
    >>> steps = [TakenStep("look"), TakenStep("scale")]
    >>> alignment = align(steps, PlaybookGraph("small", 2, moves), len)
    >>> alignment.cost, alignment.weight, [step.action for step in alignment.extra]
    (13, 21, ['scale'])
    """
    cost, path = _cheapest(steps, graph, weigh)
    shortest, _ = _cheapest((), graph, weigh)
    return Alignment(
        cost,
        sum(_price(step, weigh) for step in steps) + shortest,
        tuple(s for _, s, move in path if s is not None and move is None and not s.optional),
        tuple(move for _, step, move in path if move is not None and step is None and move.action),
    )


def _cheapest(
    steps: Sequence[TakenStep], graph: PlaybookGraph, weigh: Weigh
) -> tuple[int, list[_Edge]]:
    """The cost of the cheapest path from the first pair to the last, and its edges."""
    moves_from: defaultdict[int, list[PlaybookMove]] = defaultdict(list)
    for way in graph.moves:
        moves_from[way.source].append(way)
    first, last = (0, 0), (len(steps), graph.end)
    costs: dict[_Pair, int] = {first: 0}
    reached_by: dict[_Pair, _Edge] = {}
    settled: set[_Pair] = set()
    # Among equal costs the pair with more steps comes first: ties end soon, and always alike.
    heap = [(0, 0, first)]
    while heap:
        cost, _, pair = heapq.heappop(heap)
        if pair in settled:
            continue
        if pair == last:
            return cost, _path(reached_by, last)
        settled.add(pair)
        for price, to, step, move in _next(pair, steps, moves_from[pair[1]], weigh):
            if cost + price < costs.get(to, cost + price + 1):
                costs[to], reached_by[to] = cost + price, (pair, step, move)
                heapq.heappush(heap, (cost + price, -to[0], to))
    raise ValueError(f"the end of the playbook {graph.name} cannot be reached")


def _next(
    pair: _Pair, steps: Sequence[TakenStep], moves: Sequence[PlaybookMove], weigh: Weigh
) -> Iterator[tuple[int, _Pair, TakenStep | None, PlaybookMove | None]]:
    """The edges from a pair: price, next pair, step and move."""
    taken, state = pair
    step = steps[taken] if taken < len(steps) else None
    for move in moves:
        if step is not None and move.action and step.matches(move):
            yield 0, (taken + 1, move.target), step, move
        yield weigh(move.action) if move.action else 0, (taken, move.target), None, move
    if step is not None:
        yield _price(step, weigh), (taken + 1, state), step, None


def _price(step: TakenStep, weigh: Weigh) -> int:
    """What a step costs that is no move of the playbook."""
    return 0 if step.optional else weigh(step.action)


def _path(reached_by: Mapping[_Pair, _Edge], pair: _Pair) -> list[_Edge]:
    path = []
    while pair in reached_by:
        edge = reached_by[pair]
        path.append(edge)
        pair = edge[0]
    return path[::-1]
