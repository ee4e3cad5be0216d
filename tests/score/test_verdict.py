"""The rules of the verdict beyond the objectives: sabotage, debts, limits of mistakes."""

import json

import pytest

from simulator.analysis import Timeline
from simulator.score import grade
from tests.analysis.story import MINUTE, Story, answered, dip

KINDS = {
    **{name: {"effect": "talk"} for name in ("acknowledge", "close", "declare", "diagnose")},
    **{name: {"effect": "people"} for name in ("page", "escalate")},
    **{name: {"effect": "world"} for name in ("rerun_job", "restart", "retrain", "rollback")},
    "quarantine": {"effect": "world", "leaves": ["quarantine"]},
    "scale": {"effect": "world", "leaves": ["extra_replicas"]},
    "silence": {"effect": "world", "leaves": ["silence"]},
}
FAULT = {
    "id": "hours", "name": "unit_change", "type": "data", "target": "feed", "component": "feed",
    "at": 30 * MINUTE, "held_off_by": ["quarantine"],
}  # fmt: skip


def story(accuracy=None, **header) -> Story:
    """The answered story, with the effects of actions and related components."""
    related = {"feed": ["ingest", "model"], "model": ["feed", "ingest"], "cadvisor": []}
    header = {"actions": KINDS, "faults": [FAULT], "related": related, **header}
    if accuracy is not None:
        return Story(accuracy, **header)
    return answered(**header)


def order(tale: Story, minute: float, action: str, *targets: str, state="done", **more) -> Story:
    """An order that ends in a state, on targets."""
    tale.orders += 1
    tale.at(minute, "order", "ml-platform", id=tale.orders, action=action, args={})
    return tale.at(minute, "action", "ml-platform", order=tale.orders, action=action, state=state,
                   targets=list(targets), **more)  # fmt: skip


def reasons(tale: Story) -> dict[str, str]:
    """The verdict, and the reasons by their rules."""
    scores = grade(Timeline(tale.run()))
    return {"verdict": scores.verdict, **{reason.rule: reason.text for reason in scores.why}}


def test_a_reason_names_the_lines_of_its_events(tmp_path):
    tale = story().order(75, "close").page(80, "sent", page=2).page(81, page=2)
    run = tale.run(folder=tmp_path)
    (reason,) = grade(Timeline(run)).why
    assert reason.rule == "unanswered_pages"
    lines = (tmp_path / "log.jsonl").read_text().splitlines()
    events = [json.loads(lines[number - 1]) for number in reason.events]
    assert [(e["kind"], e["page"], e["state"]) for e in events] == [
        ("page", 2, "sent"), ("page", 2, "delivered"), ("page", 2, "seen"),
    ]  # fmt: skip


def test_a_late_mark_rests_on_the_onset_and_the_breach():
    expect = {"cause": ["data.unit_change"], "mitigate_within": 20 * MINUTE}
    run = story(expect=expect).run()
    (reason,) = grade(Timeline(run)).why
    kinds = [run.events[number - 2].kind for number in reason.events]
    assert (reason.rule, kinds) == ("expectations", ["inject", "objective"])


def test_a_page_after_the_close_reopens_and_has_to_be_acknowledged():
    tale = story().order(75, "close").page(80, "sent", page=2).page(81, page=2)
    assert reasons(tale) == {
        "verdict": "fail",
        "unanswered_pages": "the page of 01:20 (FeatureDrift) to ml-platform, which came after the "
        "close, was never acknowledged",
    }
    assert reasons(tale.page(83, "acknowledged", page=2))["verdict"] == "pass"


def test_an_automation_that_mends_need_not_acknowledge():
    def unpaged(kind: str, *orders: float) -> str:
        players = [{"name": "ml-platform", "team": "ml-platform", "kind": kind}]
        tale = story(dip(34, 60), players=players).fault().alert(35, 60)
        tale.page(35.5, "sent").page(36).page(60, "resolved")
        for minute in orders:
            order(tale, minute, "rollback", "feed")
        return reasons(tale)["verdict"]

    assert unpaged("automation", 40) == "pass"
    assert unpaged("automation") == unpaged("automation", 15) == unpaged("person", 40) == "fail"


def unlanded(accuracy) -> Story:
    """A story whose fault never lands."""
    tale = story(accuracy).fault()
    tale.lines = [line for line in tale.lines if line[1] != "landed"]
    return tale


def test_a_breach_that_an_order_made_before_the_fault_fails():
    tale = order(story(dip(22, 25)).fault(), 20, "scale")
    assert reasons(tale) == {
        "verdict": "fail",
        "sabotage": "accuracy was .7, below .84 at 00:22, after scale at 00:20, "
        "before any fault began",
    }
    # An order that changed nothing is no excuse for a drill that does not hold by itself.
    for more in ({"changed": False}, {"state": "failed"}):
        assert (
            reasons(order(story(dip(22, 25)).fault(), 20, "scale", **more))["verdict"] == "invalid"
        )


def test_a_fault_that_an_order_kept_away_by_harm_fails_and_a_prevention_passes():
    harmed = order(unlanded(dip(40, 60)), 20, "scale")
    assert reasons(harmed)["sabotage"].endswith("and the fault hours never landed")
    prevented = order(unlanded(dip(200, 201)), 20, "rollback")
    assert reasons(prevented)["verdict"] == "pass"
    assert reasons(unlanded(dip(200, 201)))["verdict"] == "invalid"
    # Who acts after the fault found no target has not prevented it.
    late = unlanded(dip(200, 201)).at(30, "missed", "world", fault="hours", name="x", why="no pod")
    assert reasons(order(late, 50, "rollback"))["verdict"] == "invalid"


def owing(debt: str, action: str, minute: float = 50, **header) -> Story:
    """The answered story with a debt from a minute to the end."""
    tale = order(story(**header), minute, action)
    return tale.at(minute + 0.25, "debt", "world", name=debt, state="owed")


def test_a_debt_of_the_team_has_to_be_paid_once_its_fault_is_over():
    lasting = owing("quarantine", "quarantine")
    assert reasons(lasting)["verdict"] == "pass"
    ended = owing("quarantine", "quarantine").at(60, "ended", "world", fault="hours", why="fact")
    assert reasons(ended) == {
        "verdict": "fail",
        "unpaid_debts": "quarantine at 00:50 left quarantine to the end, 1 h after the debt could be "
        "paid, longer than 30 min",
    }
    ended.at(80, "debt", "world", name="quarantine", state="paid")
    assert reasons(ended)["verdict"] == "pass"
    late = owing("quarantine", "quarantine").at(95, "ended", "world", fault="hours", why="fact")
    assert reasons(late)["verdict"] == "pass"


def test_a_fault_excuses_only_debts_that_may_hold_it_off():
    assert "unpaid_debts" in reasons(owing("silence", "silence"))
    assert reasons(owing("silence", "silence", minute=95))["verdict"] == "pass"
    for acceptable in (["silence"], ["extra_replicas"]):
        expect = {"cause": ["data.unit_change"], "acceptable": acceptable}
        failed = "unpaid_debts" in reasons(owing("silence", "silence", expect=expect))
        assert failed == (acceptable != ["silence"])


def test_a_debt_that_nobody_ordered_is_not_the_teams():
    tale = story().at(50, "debt", "world", name="extra_replicas", state="owed")
    assert reasons(tale)["verdict"] == "pass"
    # One that was paid before is not the one at the end.
    tale = owing("extra_replicas", "scale", 40)
    tale.at(50, "debt", "world", name="extra_replicas", state="paid")
    tale.at(55, "debt", "world", name="extra_replicas", state="owed")
    assert reasons(tale)["verdict"] == "pass"


def claims(*causes: str) -> Story:
    tale = story()
    for number, cause in enumerate(causes):
        tale.order(45 + number, "diagnose", cause=cause)
    return tale


def test_two_wrong_claims_may_be_and_three_may_not():
    true = "data.unit_change"
    assert reasons(claims("data.nulls", "data.nulls", "drift.x", true, "data.nulls", true)) == {
        "verdict": "pass", "passes": "every objective was back inside by 01:00 and stayed so",
    }  # fmt: skip
    assert reasons(claims("data.nulls", "drift.x", "latency.y", true)) == {
        "verdict": "fail",
        "mistake_limits": "3 claims of a cause were wrong, more than 2: data.nulls at 00:45, "
        "drift.x at 00:46 and latency.y at 00:47",
    }


def ordered(count: int, *targets: str, action="restart", **more) -> str:
    tale = story()
    for number in range(count):
        order(tale, 40 + number, action, *(f"{target}{number}" for target in targets), **more)
    return reasons(tale).get("mistake_limits", "")


@pytest.mark.parametrize("more", [{"state": "failed"}, {"changed": False}], ids=str)
def test_three_orders_in_vain_may_be_and_four_may_not(more):
    assert ordered(3, **more) == ""
    assert ordered(4, **more).startswith("4 orders failed or changed nothing, more than 3: restart")
    # Talk is never in vain.
    assert ordered(9, action="acknowledge", **more) == ""


def test_three_orders_on_what_is_healthy_may_be_and_four_may_not():
    assert ordered(3, "node-") == ""
    assert ordered(4, "node-").startswith("4 orders were on what was healthy, more than 3")
    tale = story()
    for minute in range(40, 60):
        # One kind on one target counts once, and what is related to the fault is not healthy.
        order(order(tale, minute, "restart", "cadvisor"), minute, "restart", "feed")
        order(tale, minute, f"other-{minute}", "cadvisor")  # of no known effect
        order(order(tale, minute, "retrain", "model"), minute, "rerun_job", "ingest")
    assert reasons(tale)["verdict"] == "pass"
    for minute in (70, 80, 100, 119):
        order(tale, minute, "restart", "cadvisor")
    assert reasons(tale)["verdict"] == "pass"
    for minute in range(15, 120, 10):
        order(tale, minute, "restart", "cadvisor")
    assert "4 orders were on what was healthy" in reasons(tale)["mistake_limits"]


def declared(*minutes: float, severity: str = "SEV1", quiet: bool = False) -> str:
    tale = story(lambda m: 0.9, faults=[], expect={}) if quiet else story()
    for minute in minutes:
        tale.order(minute, "declare", severity=severity)
    return reasons(tale).get("mistake_limits", "")


def test_one_false_declaration_may_be_and_two_may_not():
    assert declared(15) == declared(45, 50, 55) == declared(15, 20, severity="SEV4") == ""
    assert declared(15, 20) == (
        "2 incidents were declared while nothing was wrong, more than 1: SEV1 at 00:15 and "
        "SEV1 at 00:20"
    )
    assert declared(45, quiet=True) == ""
    assert declared(45, 100, quiet=True) != ""


def called(*teams: str) -> str:
    needs = [{"reason": "inform", "teams": ["product"], "since": 0}]
    tale = story(needs=needs, hops={"ml-platform": 0, "incident-command": 0},
                 players=[{"name": "ml-platform", "team": "ml-platform"}])  # fmt: skip
    for number, team in enumerate(teams):
        tale.at(40 + number, "page", team, page=10 + number, state="sent", via="person",
                by="ml-platform")  # fmt: skip
    return reasons(tale).get("mistake_limits", "")


def test_two_needless_calls_may_be_and_three_may_not():
    assert called("network", "security", "incident-command", "product") == ""
    assert called("network", "security", "storage") == (
        "3 teams were called without a need, more than 2: network at 00:40, security at 00:41 and "
        "storage at 00:42"
    )


def test_the_measures_count_what_the_rubric_limits():
    tale = claims("data.nulls", "drift.x", "data.unit_change")
    order(order(tale, 50, "rollback", state="failed"), 51, "restart", "cadvisor")
    tale.order(15, "declare", severity="SEV2")
    measures = grade(Timeline(tale.run())).measures
    names = ("wrong_claims", "orders_in_vain", "orders_on_healthy", "false_declarations")
    assert {name: (measures[name].value, measures[name].why) for name in names} == {
        "wrong_claims": (2.0, "data.nulls at 00:45 and drift.x at 00:46"),
        "orders_in_vain": (1.0, "rollback at 00:50"),
        "orders_on_healthy": (1.0, "restart at 00:51"),
        "false_declarations": (1.0, "SEV2 at 00:15"),
    }
    assert (measures["needless_pages"].value, measures["needless_pages"].why) == (
        0,
        "there was none",
    )
