"""The machines that train: which run holds them, how they fail, when they come back.

Every node has a *life*, a draw from an exponential distribution with mean 1, used up at the
node's own rate while a run holds it. A failure is a life that has ended. A law that raises a
rate in mid-life then brings the same failure forward, and twins see the same lives; neither
ticks nor the order in which things are looked at can move one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.streams import uniforms

NEVER = 2**62
IDLE = -1
# Whatever bends its rate, a node fails no more than once a second: no process starts faster.
MOST_PER_MS = 1e-3
# A node's failures are numbered within its own ids: more than any drill can hold.
_LIVES = 1 << 20


@dataclass(frozen=True)
class Cause:
    """One thing that ends a node's life, and what it does to the run on it.

    `hangs` is the failure that says nothing: every node waits for this one. A node is away
    for `repair` ms; 0 for what a new process is enough for.
    """

    name: str
    weight: float
    repair: int
    hangs: bool = False


@dataclass(frozen=True)
class FleetLaw:
    """The machines as their team bought them: `failures` per ms of a node in use."""

    nodes: int
    gpus: int
    failures: float
    causes: tuple[Cause, ...]
    lemons: int = 0
    lemon_factor: float = 1.0
    clock: int = 0  # MHz, where it is told


@dataclass
class Fleet:
    """The facts of the machines, as columns of shape (nodes,)."""

    run: NDArray[np.int64]  # which run holds it, -1 for none
    back_at: NDArray[np.int64]  # ms, when its repair is over; 0 for one that is well
    drained: NDArray[np.bool_]  # taken out by hand
    failures: NDArray[np.int64]  # so far
    life: NDArray[np.float64]  # what was left of it at `since`
    since: NDArray[np.int64]  # ms
    rate: NDArray[np.float64]  # how fast it is used up, per ms; 0 while idle
    fails_at: NDArray[np.int64]  # ms, at that rate
    lemon: NDArray[np.float64]  # how much faster than the others it fails
    last: NDArray[np.int64]  # number of the cause of its last failure, -1 for none
    bent: dict[int, float] = field(default_factory=dict)  # node -> factor of the laws
    seed: int | None = None  # of the dice that its lives are drawn with


def idle(nodes: int) -> Fleet:
    """Machines that nobody uses.

    Examples
    --------
    >>> fleet = idle(3)
    >>> fleet.run.tolist(), free(fleet).tolist()
    ([-1, -1, -1], [0, 1, 2])
    """

    def column(value: int) -> NDArray[np.int64]:
        return np.full(nodes, value, np.int64)

    return Fleet(
        run=column(IDLE),
        back_at=column(0),
        drained=np.zeros(nodes, np.bool_),
        failures=column(0),
        life=np.zeros(nodes),
        since=column(0),
        rate=np.zeros(nodes),
        fails_at=column(NEVER),
        lemon=np.ones(nodes),
        last=column(-1),
    )


def wake(fleet: Fleet, law: FleetLaw, seed: int) -> None:
    """Draw every node's life, and which of them are lemons, from the dice of a run."""
    nodes = np.arange(len(fleet.run))
    fleet.seed = seed
    fleet.life[:] = _lives(nodes, fleet.failures, seed)
    if law.lemons:
        # Of all nodes the ones with the lowest draw: the same ones for the same seed.
        worst = np.argsort(uniforms(nodes.astype(np.float64), "fleet/lemon", seed))
        fleet.lemon[worst[: law.lemons]] = law.lemon_factor


def hold(fleet: Fleet, law: FleetLaw, nodes: NDArray[np.int64], run: int, t: int) -> None:
    """Give nodes to a run at `t`, ms, or with run -1 take them back; their lives go on or rest."""
    fleet.run[nodes] = run
    use(fleet, law, nodes, t, run != IDLE)


def use(fleet: Fleet, law: FleetLaw, nodes: NDArray[np.int64], t: int, used: bool) -> None:
    """Nodes work from `t`, ms, on, or rest: at rest nothing wears them out."""
    rate = np.zeros(len(nodes))
    if used:
        rate += law.failures * fleet.lemon[nodes]
        for i, node in enumerate(nodes.tolist() if fleet.bent else ()):
            rate[i] *= fleet.bent.get(node, 1.0)
    rate = np.minimum(rate, MOST_PER_MS)
    _pace(fleet, nodes, t, rate)


def bend(fleet: Fleet, law: FleetLaw, factors: dict[int, float], t: int) -> None:
    """Let nodes fail by other factors from `t`, ms, on; lives that are used up stay so."""
    before, fleet.bent = fleet.bent, dict(factors)
    moved = [node for node in {**before, **factors} if node < len(fleet.run)]
    used = np.array([node for node in moved if fleet.rate[node] > 0.0], np.int64)
    use(fleet, law, used, t, True)


def fail(fleet: Fleet, law: FleetLaw, node: int, t: int) -> Cause:
    """A life ends: what of, and the next one begins."""
    assert fleet.seed is not None
    which = np.array([node * _LIVES + int(fleet.failures[node])], np.float64)
    luck = float(uniforms(which, "fleet/cause", fleet.seed)[0])
    shares = np.cumsum([cause.weight for cause in law.causes])
    number = int(np.searchsorted(shares, luck * shares[-1], side="right"))
    number = min(number, len(law.causes) - 1)
    one = np.array([node], np.int64)
    fleet.failures[node] += 1
    fleet.last[node] = number
    fleet.life[node] = _lives(one, fleet.failures[one], fleet.seed)[0]
    fleet.since[node] = t
    _pace(fleet, one, t, fleet.rate[one])
    return law.causes[number]


def free(fleet: Fleet) -> NDArray[np.int64]:
    """The nodes that a run could get now, the lowest numbers first."""
    found: NDArray[np.int64] = np.flatnonzero(
        (fleet.run == IDLE) & (fleet.back_at == 0) & ~fleet.drained
    )
    return found


def next_failure(fleet: Fleet) -> tuple[int, int]:
    """When a life ends next, ms, and whose."""
    node = int(fleet.fails_at.argmin())
    return int(fleet.fails_at[node]), node


def next_return(fleet: Fleet) -> tuple[int, int]:
    """When a repair is over next, ms, and whose."""
    away = np.flatnonzero(fleet.back_at)
    if not len(away):
        return NEVER, IDLE
    node = int(away[fleet.back_at[away].argmin()])
    return int(fleet.back_at[node]), node


def _pace(fleet: Fleet, nodes: NDArray[np.int64], t: int, rate: NDArray[Any]) -> None:
    left = fleet.life[nodes] - fleet.rate[nodes] * (t - fleet.since[nodes])
    fleet.life[nodes] = left = np.maximum(left, 0.0)
    fleet.since[nodes], fleet.rate[nodes] = t, rate
    fails_at = np.full(len(nodes), NEVER, np.int64)
    worn = rate > 0.0
    # A life of longer than the calendar ends never.
    wait = np.minimum(np.ceil(left[worn] / rate[worn]), 2.0**60)
    fails_at[worn] = t + wait.astype(np.int64)
    fleet.fails_at[nodes] = fails_at


def _lives(nodes: NDArray[np.int64], number: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    ids = (nodes * _LIVES + number).astype(np.float64)
    return -np.log1p(-uniforms(ids, "fleet/life", seed))
