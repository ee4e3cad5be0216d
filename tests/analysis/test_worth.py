"""The worth of orders, by comparison with the twins that lack them."""

from functools import cache

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.worth import seconds_outside, worth_of
from simulator.run import Run
from simulator.run.counterfactuals import MAX_ORDER_TWINS, twin_orders
from tests.analysis.story import Story, dip

TEAM = "ml-platform"
HEADER = {
    "players": [{"name": TEAM, "team": TEAM}],
    "actions": {"rollback": {"effect": "world"}, "page": {"effect": "people"},
                "declare": {"effect": "talk"}},
}  # fmt: skip


@cache
def outside(minutes: float) -> Run:
    """A run whose accuracy is low from minute 30 on, for a time."""
    return Story(dip(30, 30 + minutes)).run()


def answered(minutes: float) -> Story:
    story = Story(dip(30, 30 + minutes), **HEADER).order(31, "declare", severity="SEV3")
    return story.order(32, "page", team="data").order(33, "rollback", target="serving")


def test_an_order_is_worth_what_its_twin_spends_more_outside():
    twins = {"none": outside(60), "reference": outside(10), "no-fault": outside(0),
             f"without-order-{TEAM}-2": outside(60), f"without-order-{TEAM}-3": outside(15)}  # fmt: skip
    worth = worth_of(answered(20).run(), twins)
    assert (worth.run, worth.none, worth.reference) == (1200, 3600, 600)
    assert worth.saved == 2400
    assert [(order.id, order.action, order.seconds) for order in worth.orders] == [
        (2, "page", 2400), (3, "rollback", -300),
    ]  # fmt: skip
    assert worth.orders[0].t_seconds == 32 * 60
    assert worth.together == 300
    assert worth.cost == 1200
    assert not worth.not_tried


@given(st.lists(st.integers(0, 18).map(lambda number: 5 * number), min_size=3, max_size=3))
def test_lines_add_up(minutes: list[int]):
    names = ("none", f"without-order-{TEAM}-2", f"without-order-{TEAM}-3")
    twins = {name: outside(time) for name, time in zip(names, minutes, strict=True)}
    worth = worth_of(answered(20).run(), twins)
    assert sum(order.seconds for order in worth.orders) + worth.together == worth.saved


def test_repeats_are_one_line_and_what_was_not_tried_is_listed():
    story = Story(dip(30, 50), **HEADER)
    for number in range(MAX_ORDER_TWINS + 1):
        story.order(31 + number, "rollback", target=f"service-{number}")
    story.order(60, "rollback", target="service-0")
    twins = {f"without-order-{TEAM}-{number}": outside(30) for number in range(1, 9)}
    worth = worth_of(story.run(), {"none": outside(60), **twins})
    assert [order.count for order in worth.orders] == [2, 1, 1, 1, 1, 1, 1, 1]
    assert [(order.id, order.t_seconds) for order in worth.not_tried] == [(9, 39 * 60)]


def test_what_was_in_vain_has_no_twin_and_a_repeat_that_failed_is_left_out_too():
    story = Story(dip(30, 50), **HEADER)
    story.order(31, "rollback", target="serving").order(32, "page", team="data", text="Is it you?")
    story.order(33, "rollback", target="serving").order(34, "rollback", target="store")
    story.order(35, "rollback", target="feed").order(36, "page", team="data", text="Still there?")
    in_vain = {1: {"state": "failed"}, 4: {"state": "failed"}, 5: {"changed": False}}
    story.lines = [
        (t, kind, who, {**data, **(in_vain.get(data["order"], {}) if kind == "action" else {})})
        for t, kind, who, data in story.lines
    ]
    assert [(order.id, order.numbers) for order in twin_orders(story.run())] == [
        (2, {(TEAM, 2), (TEAM, 6)}),
        (3, {(TEAM, 1), (TEAM, 3)}),
    ]


def test_faults_cost_what_their_twins_spend_less():
    both = Story(dip(30, 50)).fault(30).fault(40, "rush", "overload").run()
    twins = {"no-fault": outside(0), "without-hours": outside(5), "without-rush": outside(15)}
    worth = worth_of(both, twins)
    assert [(fault.fault, fault.seconds) for fault in worth.faults] == [
        ("hours", 900), ("rush", 300)
    ]  # fmt: skip
    assert (worth.cost, worth.together_of_faults) == (1200, 0)


def test_objectives_have_weights_and_the_warm_up_does_not_count():
    low = Story(dip(5, 15), objectives={"accuracy": {"min": 0.84, "unit": "ratio", "weight": 2.5}})
    assert seconds_outside(low.run()) == 2.5 * 300


def test_nobody_is_the_own_twin_of_nobody():
    worth = worth_of(Story(dip(30, 50), responder="none").run(), {"no-fault": outside(0)})
    assert (worth.saved, worth.orders, worth.together) == (0, (), None)


def test_without_twins_or_series_there_is_no_worth():
    run = answered(20).run()
    assert worth_of(run, {}) is None
    cut = Run([run.header, *run.events], {}, run.truth_times[:0], {}, run.digest)
    assert worth_of(cut, {"none": outside(60)}) is None


def test_worth_survives_json():
    worth = worth_of(answered(20).run(), {"none": outside(60)})
    assert msgspec.convert(msgspec.to_builtins(worth), type(worth)) == worth
    assert [order.id for order in worth.not_tried] == [2, 3], "their twins are missing"
