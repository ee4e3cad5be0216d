"""Which orders the twins of a run leave out."""

import numpy as np

from simulator.run import Header, Log, Player, Run
from simulator.run.counterfactuals import not_tried, twin_orders
from simulator.run.events import ActionEvent, OrderEvent
from simulator.run.header import ActionKind

ACTIONS = {
    "rollback": ActionKind("world"),
    "scale": ActionKind("world"),
    "page": ActionKind("people"),
    "acknowledge": ActionKind("talk"),
}
PLAYERS = (
    Player("ana", "ml"),
    Player("bot", "ml", kind="automation"),
    Player("guest", "ml", graded=False),
    Player("trainer", role="facilitator"),
)


def run_of(*orders, simulated=False, failed=None):
    """The run with these orders, one a minute: (player, number, action, args)."""
    log = Log()
    log.write(Header(0, "run", players=PLAYERS, actions=ACTIONS))
    for minute, (who, number, action, args) in enumerate(orders):
        log.write(OrderEvent(minute * 60_000, who, number, action, args, simulated))
    if failed is not None:
        log.write(ActionEvent(60_000, failed[0], failed[1], "scale", "failed"))
    return Run(log.events, {}, np.zeros(0, np.int64), {}, log.digest)


def names(run):
    return [order.twin for order in twin_orders(run)]


def test_orders_that_change_the_world_or_interrupt_people_are_left_out_in_order_of_time():
    run = run_of(
        ("ana", 1, "acknowledge", {}), ("ana", 2, "page", {"team": "data"}), ("bot", 1, "rollback", {})
    )  # fmt: skip
    assert names(run) == ["without-order-ana-2", "without-order-bot-1"]


def test_repeats_are_left_out_together_under_the_first_number():
    run = run_of(
        ("ana", 1, "scale", {"target": "a", "replicas": 3}),
        ("ana", 2, "scale", {"target": "a", "replicas": 4}),
        ("bot", 1, "scale", {"replicas": 3, "target": "a"}),
        ("ana", 3, "scale", {"target": "a", "replicas": 3}),
    )
    assert {order.twin: order.numbers for order in twin_orders(run)} == {
        "without-order-ana-1": {("ana", 1), ("bot", 1), ("ana", 3)},
        "without-order-ana-2": {("ana", 2)},
    }


def test_orders_of_nobody_who_is_graded_stay():
    orders = (("guest", 1, "rollback", {}), ("trainer", 1, "scale", {}), ("data", 1, "page", {}))
    assert names(run_of(*orders)) == []
    assert names(run_of(("ana", 1, "rollback", {}), simulated=True)) == []


def test_an_order_that_failed_needs_no_twin():
    run = run_of(("ana", 1, "scale", {}), ("ana", 2, "rollback", {}), failed=("ana", 1))
    assert names(run) == ["without-order-ana-2"]


def test_after_eight_orders_the_others_are_not_tried():
    orders = [("ana", n, "scale", {"replicas": n}) for n in range(1, 11)]
    run = run_of(*orders, ("ana", 11, "scale", {"replicas": 9}))
    assert names(run) == [f"without-order-ana-{n}" for n in range(1, 9)]
    assert not_tried(run) == [("ana", 9), ("ana", 10)]
