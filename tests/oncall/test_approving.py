"""Simulated people who are asked for an approval, through Session."""

import pytest

from simulator.run.events import ActionEvent, MessageEvent, OrderEvent, PageEvent
from tests.small.playing import LATE, MINUTE, action_outcomes, play_orders

MAY = {"never": ["drain_node"], "with_approval": ["retrain", "rerun_job"]}
PEOPLE = {
    "oncall__people": {"jo": {}, "kim": {}},
    "oncall__policies": {"command": {"levels": [{"page": [{"person": "jo"}], "after": "10m"}]}},
    "oncall__teams__command": {"policy": "command", "acknowledge": "2m", "look": {"fixed": "3m"}},
}


@pytest.fixture
def asking(drill):
    """`asking(…)`: the small drill in which the team ml asks command for approvals."""

    def asking(*injects, ask="command", **changes):
        may = {**MAY, **({"ask": ask} if ask else {})}
        return drill(*injects, oncall__teams__ml__may=may, **changes)

    return asking


def page_for(need, team="command", at=6, **more):
    return at, "page", {"team": team, "need": need, **more}


def approvals(run):
    """The approvals of simulated people: by whom, of which action."""
    orders = (event for event in run.of(OrderEvent) if event.simulated)
    return [(order.who, order.args) for order in orders if order.action == "approve"]


def test_the_asked_team_approves_what_the_page_needs_and_the_order_goes_through(asking):
    run = play_orders(asking(), page_for("please approve retrain"), (20, "retrain", {}))
    assert approvals(run) == [("command", {"action": "retrain", "team": "ml"})]
    assert action_outcomes(run) == [("page", "done"), ("retrain", "done")]
    # The page asks for an approval alone: nobody looks for faults.
    assert [event.text for event in run.of(MessageEvent)] == ["retrain is approved"]


def test_a_person_approves_in_their_own_name_a_look_after_they_took_the_page(asking):
    run = play_orders(asking(**PEOPLE), page_for("retrain, rerun_job"))
    assert [(who, args["action"]) for who, args in approvals(run)] == [
        ("jo", "retrain"),
        ("jo", "rerun_job"),
    ]
    (taken,) = (event.t for event in run.of(PageEvent) if event.state == "acknowledged")
    (first, _) = (event.t for event in run.of(OrderEvent) if event.simulated)
    assert first - taken == pytest.approx(3 * MINUTE, abs=15_000)


@pytest.mark.parametrize(
    "need",
    ["drain_node", "scale", "retraining", "somebody who knows the build"],
)
def test_what_needs_no_approval_or_can_have_none_is_no_request(need, asking):
    run = play_orders(asking(), page_for(need))
    assert approvals(run) == []
    assert ["nothing wrong" in event.text for event in run.of(MessageEvent)] == [True]


def test_who_cannot_approve_works_as_on_any_page(asking):
    run = play_orders(asking(), page_for("retrain", team="data"))
    assert approvals(run) == []
    assert ["nothing wrong" in event.text for event in run.of(MessageEvent)] == [True]


def test_a_simulated_commander_approves(asking):
    assign = (6, "assign", {"role": "commander", "to": "jo"})
    run = play_orders(asking(ask="", **PEOPLE), assign, page_for("retrain", at=7))
    assert approvals(run) == [("jo", {"action": "retrain", "team": "ml"})]
    assert [e.state for e in run.of(ActionEvent) if e.who == "jo"] == ["started", "done"]


def test_an_owner_who_is_asked_about_their_own_component_looks_at_it_too(asking):
    page = page_for("approve rerun_job", team="data", at=12, about="store-key")
    run = play_orders(asking(LATE, ask=""), page)
    assert approvals(run) == [("data", {"action": "rerun_job", "team": "ml"})]
    assert ("fix_upstream", "done") in action_outcomes(run, "data")
