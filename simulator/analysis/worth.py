"""The worth of every order: the cost of leaving it out.

The unit is the second outside of an objective after the warm-up, weighted as the scenario weighs
the objective. An order is worth what its twin, which lacks it alone, spends outside more than the
run: below zero, it did harm. The whole run is worth what nobody's spends more. The lines add up:
what orders are worth only jointly is one more line.
"""

from collections.abc import Mapping, Sequence

import msgspec

from simulator.analysis.truth import Truth
from simulator.run import NO_FAULT, NONE, Run
from simulator.run.counterfactuals import REFERENCE, fault_twins, not_tried, twin_orders
from simulator.run.events import OrderEvent


class OrderWorth(msgspec.Struct, frozen=True):
    """An order, and the time that it saved.

    Attributes
    ----------
    player, id : str and int
        The player who ordered it, and its number.
    action : str
        The action ordered.
    t_seconds : float
        When, since the start of the drill.
    seconds : float
        Weighted seconds that the twin without it was outside more than the run.
    count : int
        1, and its repeats that the twin lacks as well.
    """

    player: str
    id: int
    action: str
    t_seconds: float
    seconds: float
    count: int = 1


class UntriedOrder(msgspec.Struct, frozen=True):
    """An order that could matter and has no twin.

    Attributes
    ----------
    player, id : str and int
        The player who ordered it, and its number.
    action : str
        The action ordered.
    t_seconds : float
        When, since the start of the drill.
    """

    player: str
    id: int
    action: str
    t_seconds: float


class FaultCost(msgspec.Struct, frozen=True):
    """A fault, and its cost.

    Attributes
    ----------
    fault : str
        The id of its inject.
    seconds : float
        Weighted seconds that the twin without it was outside less than the run.
    """

    fault: str
    seconds: float


class Worth(msgspec.Struct, frozen=True):
    """The worth of a run and its orders, in weighted seconds outside of objectives.

    Attributes
    ----------
    run, reference, none : float
        Seconds outside of the run, of the reference playbook (par) and of nobody; None without
        the twin.
    saved : float or None
        The worth of the run: `none` - `run`.
    orders : tuple of OrderWorth
        In order of time.
    not_tried : tuple of UntriedOrder
        The orders that could matter and have no twin.
    together : float or None
        The worth that the orders have only jointly; with `orders` it adds up to `saved`.
    cost : float or None
        The cost of the faults, against the twin without any fault.
    faults : tuple of FaultCost
        The cost of each of several faults.
    together_of_faults : float or None
        The cost that the faults have only jointly; with `faults` it adds up to `cost`.
    """

    run: float
    reference: float | None = None
    none: float | None = None
    saved: float | None = None
    orders: tuple[OrderWorth, ...] = ()
    together: float | None = None
    not_tried: tuple[UntriedOrder, ...] = ()
    cost: float | None = None
    faults: tuple[FaultCost, ...] = ()
    together_of_faults: float | None = None


def worth_of(run: Run, twins: Mapping[str, Run]) -> Worth | None:
    """The worth of a run and its orders; None if it was interrupted, or has no twin."""
    seconds = seconds_outside(run)
    if seconds is None or not twins or not run.complete:
        return None
    outside = {name: seconds_outside(twin) for name, twin in twins.items()}
    none = seconds if run.header.responder == "none" else outside.get(NONE)
    saved, cost = _difference(none, seconds), _difference(seconds, outside.get(NO_FAULT))
    orders, untried = _orders(run, seconds, outside)
    faults = tuple(
        FaultCost(fault, difference)
        for fault, name in fault_twins(run).items()
        if (difference := _difference(seconds, outside.get(name))) is not None
    )
    return Worth(
        run=seconds,
        reference=seconds if run.header.reference else outside.get(REFERENCE),
        none=none,
        saved=saved,
        orders=orders,
        together=_rest(saved, [order.seconds for order in orders]),
        not_tried=untried,
        cost=cost,
        faults=faults,
        together_of_faults=_rest(cost, [fault.seconds for fault in faults]),
    )


def seconds_outside(run: Run) -> float | None:
    """The weighted seconds that a run spent outside of its objectives after the warm-up.

    None for a run without true values.
    """
    truth, total = Truth(run), 0.0
    for name, objective in run.header.objectives.items():
        seconds = truth.seconds_outside(name)
        if seconds is None:
            return None
        total += objective.weight * seconds
    return _round(total)


def _orders(
    run: Run, seconds: float, outside: Mapping[str, float | None]
) -> tuple[tuple[OrderWorth, ...], tuple[UntriedOrder, ...]]:
    """The orders with a twin, and those that could matter and have none."""
    times = {(order.who, order.id): order for order in run.of(OrderEvent)}
    worths, untried = [], list(not_tried(run))
    for order in twin_orders(run):
        worth = _difference(outside.get(order.twin), seconds)
        first = times[order.player, order.id]
        if worth is None:
            untried.append((order.player, order.id))
        else:
            count = len(order.numbers)
            worths.append(
                OrderWorth(first.who, first.id, first.action, first.t / 1000, worth, count)
            )
    rest = (times[number] for number in sorted(untried, key=lambda number: times[number].t))
    return tuple(worths), tuple(
        UntriedOrder(order.who, order.id, order.action, order.t / 1000) for order in rest
    )


def _difference(more: float | None, less: float | None) -> float | None:
    return None if more is None or less is None else _round(more - less)


def _rest(total: float | None, shares: Sequence[float]) -> float | None:
    """The rest of a total beside its lines, so that all add up; None without lines."""
    return None if total is None or not shares else _round(total - sum(shares))


def _round(seconds: float) -> float:
    """Whole milliseconds, so that sums of lines are exact."""
    return round(seconds, 3)
