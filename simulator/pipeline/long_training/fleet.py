"""The accelerator nodes: allocation to training runs, failures and repairs.

Every node has a *life*, an exponential draw with mean 1, which wears at the node's failure rate
while a run uses the node; at 0 the node fails. A law that raises the rate in mid-life brings
the same failure forward, and twins see the same lives. Neither the tick nor the order of
evaluation can move a failure. A node that fails more often than the others, a lemon, has a defect:
its failures have all the same cause, and are of the same accelerator.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.streams import uniforms

NEVER = 2**62
IDLE = -1
# At most one failure a second and node, whatever bends the rate: no process starts faster.
MAX_RATE_PER_MS = 1e-3
# Ids of lives: more failures of one node than any drill can hold.
_LIVES_PER_NODE = 1 << 20


@dataclass(frozen=True)
class FailureCause:
    """A cause of node failures, and its effect on the run.

    A failure that `hangs` stops no process: all other nodes wait for this one. The node is under
    repair for `repair` ms; 0 if a new process is enough. `xid` is the error that the driver of a
    faulty accelerator logs; 0 if it logs none.
    """

    name: str
    weight: float
    repair: int
    hangs: bool = False
    xid: int = 0


@dataclass(frozen=True)
class FleetLaw:
    """The nodes as their team bought them."""

    nodes: int
    gpus: int
    failure_rate: float  # of a node in use, per ms
    causes: tuple[FailureCause, ...]
    lemons: int = 0
    lemon_factor: float = 1.0
    clock: int = 0  # MHz; 0 if it is not exported


@dataclass
class Fleet:
    """The facts of the nodes, as columns of shape (nodes,)."""

    run: NDArray[np.int64]  # the run it is allocated to, -1 for none
    repaired_at: NDArray[np.int64]  # ms; 0 for a healthy node
    drained: NDArray[np.bool_]
    failures: NDArray[np.int64]  # count
    life: NDArray[np.float64]  # remaining at `since`
    since: NDArray[np.int64]  # ms
    rate: NDArray[np.float64]  # failure rate per ms; 0 while idle
    fails_at: NDArray[np.int64]  # ms, at that rate
    lemon: NDArray[np.float64]  # factor on the failure rate
    last_cause: NDArray[np.int64]  # index of the cause of the last failure, -1 for none
    last_gpu: NDArray[np.int64]  # the accelerator of the last failure
    failure_factors: dict[int, float] = field(default_factory=dict)  # node -> factor by faults
    seed: int | None = None  # of the draws of lives


def idle_fleet(nodes: int) -> Fleet:
    """Nodes that no run uses.

    Examples
    --------
    >>> fleet = idle_fleet(3)
    >>> fleet.run.tolist(), free(fleet).tolist()
    ([-1, -1, -1], [0, 1, 2])
    """

    def column(value: int) -> NDArray[np.int64]:
        return np.full(nodes, value, np.int64)

    return Fleet(
        run=column(IDLE),
        repaired_at=column(0),
        drained=np.zeros(nodes, np.bool_),
        failures=column(0),
        life=np.zeros(nodes),
        since=column(0),
        rate=np.zeros(nodes),
        fails_at=column(NEVER),
        lemon=np.ones(nodes),
        last_cause=column(-1),
        last_gpu=column(0),
    )


def draw_lives(fleet: Fleet, law: FleetLaw, seed: int) -> None:
    """Draw every node's first life, and which nodes are lemons."""
    nodes = np.arange(len(fleet.run))
    fleet.seed = seed
    fleet.life[:] = _lives(nodes, fleet.failures, seed)
    if law.lemons:
        # The nodes with the lowest draws.
        order = np.argsort(uniforms(nodes.astype(np.float64), "fleet/lemon", seed))
        fleet.lemon[order[: law.lemons]] = law.lemon_factor


def allocate(fleet: Fleet, law: FleetLaw, nodes: NDArray[np.int64], run: int, t: int) -> None:
    """Allocate nodes to a run at `t`, ms; run -1 releases them."""
    fleet.run[nodes] = run
    set_used(fleet, law, nodes, t, run != IDLE)


def set_used(fleet: Fleet, law: FleetLaw, nodes: NDArray[np.int64], t: int, used: bool) -> None:
    """Set the failure rates of nodes from `t`, ms: idle nodes do not wear."""
    rate = np.zeros(len(nodes))
    if used:
        rate += law.failure_rate * fleet.lemon[nodes]
        for i, node in enumerate(nodes.tolist() if fleet.failure_factors else ()):
            rate[i] *= fleet.failure_factors.get(node, 1.0)
    _set_rates(fleet, nodes, t, np.minimum(rate, MAX_RATE_PER_MS))


def set_failure_factors(fleet: Fleet, law: FleetLaw, factors: dict[int, float], t: int) -> None:
    """Change the faults' factors on failure rates from `t`, ms; wear until then stays."""
    before, fleet.failure_factors = fleet.failure_factors, dict(factors)
    changed = [node for node in {**before, **factors} if node < len(fleet.run)]
    used = np.array([node for node in changed if fleet.rate[node] > 0.0], np.int64)
    set_used(fleet, law, used, t, True)


def fail(fleet: Fleet, law: FleetLaw, node: int, t: int) -> FailureCause:
    """End a node's life at `t`, ms, and begin its next; returns the drawn cause."""
    assert fleet.seed is not None
    number = _draw_cause(fleet, law, node)
    nodes = np.array([node], np.int64)
    fleet.last_cause[node] = number
    fleet.last_gpu[node] = int(_failure_draw(fleet, node, "fleet/gpu") * law.gpus)
    fleet.failures[node] += 1
    fleet.life[node] = _lives(nodes, fleet.failures[nodes], fleet.seed)[0]
    fleet.since[node] = t
    _set_rates(fleet, nodes, t, fleet.rate[nodes])
    return law.causes[number]


def is_lemon(fleet: Fleet, node: int) -> bool:
    """Whether a node fails more often than the others."""
    return bool(fleet.lemon[node] > 1.0) or fleet.failure_factors.get(node, 1.0) > 1.0


def _draw_cause(fleet: Fleet, law: FleetLaw, node: int) -> int:
    """The index of the cause of a node's failure; a lemon's is that of a faulty accelerator.

    Without such causes it is one that every process sees, else any.
    """
    numbers = list(range(len(law.causes)))
    if is_lemon(fleet, node):
        faulty = [i for i in numbers if law.causes[i].xid]
        loud = [i for i in numbers if not law.causes[i].hangs]
        numbers = faulty or loud or numbers
    weights = np.cumsum([law.causes[i].weight for i in numbers])
    draw = _failure_draw(fleet, node, "fleet/cause")
    place = int(np.searchsorted(weights, draw * weights[-1], side="right"))
    return numbers[min(place, len(numbers) - 1)]


def _failure_draw(fleet: Fleet, node: int, purpose: str) -> float:
    """A uniform draw of a failure; of a lemon's, the same for all of its failures."""
    assert fleet.seed is not None
    if is_lemon(fleet, node):
        ids, purpose = np.array([float(node)]), f"{purpose}/lemon"
    else:
        ids = np.array([node * _LIVES_PER_NODE + int(fleet.failures[node])], np.float64)
    return float(uniforms(ids, purpose, fleet.seed)[0])


def free(fleet: Fleet) -> NDArray[np.int64]:
    """The idle, healthy, undrained nodes, in ascending order."""
    return np.flatnonzero((fleet.run == IDLE) & (fleet.repaired_at == 0) & ~fleet.drained)


def next_failure(fleet: Fleet) -> tuple[int, int]:
    """Time, ms, and node of the next failure."""
    node = int(fleet.fails_at.argmin())
    return int(fleet.fails_at[node]), node


def next_repair(fleet: Fleet) -> tuple[int, int]:
    """Time, ms, and node of the next end of a repair."""
    away = np.flatnonzero(fleet.repaired_at)
    if not len(away):
        return NEVER, IDLE
    node = int(away[fleet.repaired_at[away].argmin()])
    return int(fleet.repaired_at[node]), node


def _set_rates(fleet: Fleet, nodes: NDArray[np.int64], t: int, rate: NDArray[Any]) -> None:
    life = fleet.life[nodes] - fleet.rate[nodes] * (t - fleet.since[nodes])
    fleet.life[nodes] = life = np.maximum(life, 0.0)
    fleet.since[nodes], fleet.rate[nodes] = t, rate
    fails_at = np.full(len(nodes), NEVER, np.int64)
    wears = rate > 0.0
    # Bounded, since a long life at a low rate does not fit into int64.
    wait = np.minimum(np.ceil(life[wears] / rate[wears]), 2.0**60)
    fails_at[wears] = t + wait.astype(np.int64)
    fleet.fails_at[nodes] = fails_at


def _lives(nodes: NDArray[np.int64], number: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    ids = (nodes * _LIVES_PER_NODE + number).astype(np.float64)
    return -np.log1p(-uniforms(ids, "fleet/life", seed))
