"""Facts that orders state to people: validated, in the log as written, shown to their reader."""

import json

import pytest
from pydantic import ValidationError

from simulator.actions import ACTIONS, with_defaults
from simulator.registry import describe
from simulator.responders import drive
from simulator.responders.playbook import Follower
from simulator.run.events import ActionEvent, OrderEvent, PageEvent
from simulator.scenario import Playbook
from simulator.session import Session
from tests.small.playing import SLOW, Orders, action_outcomes, play_orders

FACTS = {
    "impact": "a fifth of the customers wait for 2 s",
    "since": "5m",
    "severity": "SEV2",
    "suspect": "serving",
    "evidence": ["histogram_quantile(...) by (pod) -> all pods alike"],
    "tried": [1, "another region"],
    "need": "somebody who knows the build",
}
HANDING_OFF = pytest.mark.parametrize(
    ("action", "args"), [("page", {"team": "data"}), ("escalate", {})]
)


def logged_args(run, action):
    return [event.args for event in run.of(OrderEvent) if event.action == action]


@HANDING_OFF
def test_the_facts_of_a_hand_off_are_in_the_log_as_written(action, args, quiet):
    run = play_orders(quiet, (6, action, args | FACTS))
    assert action_outcomes(run) == [(action, "done")]
    assert logged_args(run, action) == [args | FACTS]


@HANDING_OFF
def test_a_fact_that_is_not_stated_is_not_in_the_log(action, args):
    stated = with_defaults(action, args | {"since": "5m"})
    assert set(stated) & set(FACTS) == {"since"}
    assert set(with_defaults(action, args)) & set(FACTS) == set()


def test_the_reader_of_a_page_gets_its_facts(quiet):
    session, responder = Session(quiet, 1), Orders((6, "escalate", FACTS), (7, "escalate", {}))
    drive(session, {session.plays: responder})
    pages = [item.data for item in responder.news if item.kind == "page"]
    assert pages[0]["facts"] == FACTS
    assert pages[-1]["facts"] == {}


@pytest.mark.parametrize(
    ("action", "fact", "text"),
    [
        ("page", {"since": 5}, "since"),
        ("page", {"since": "five minutes"}, "is not a duration"),
        ("page", {"severity": "SEV6"}, "'SEV1'"),
        ("page", {"impact": " "}, "is an empty text"),
        ("page", {"need": 4}, "valid string"),
        ("page", {"evidence": "nothing"}, "valid tuple"),
        ("page", {"evidence": [""]}, "is an empty text"),
        ("page", {"tried": [0]}, "greater than or equal to 1"),
        ("page", {"next_update": "30m"}, "not permitted"),
        ("status_update", {"next_update": "soon"}, "is not a duration"),
        ("status_update", {"evidence": ["nothing"]}, "not permitted"),
    ],
)
def test_a_fact_of_another_kind_is_refused(action, fact, text):
    required = {"page": {"team": "data"}, "status_update": {"text": "we are on it"}}[action]
    with pytest.raises(ValidationError, match=text):
        ACTIONS.get(action).model_validate(required | fact)


def test_a_status_update_states_facts_and_the_time_of_the_next(quiet):
    args = {"to": ["product"], "text": "slow", "severity": "SEV2", "next_update": "30m"}
    run = play_orders(quiet, (6, "status_update", args))
    assert logged_args(run, "status_update") == [args]


def test_a_playbook_states_facts_from_what_it_saw(drill):
    """Its references are replaced in lists as well, and a verb takes the action's own facts."""
    number = "${seen.value}"
    facts = {
        "impact": f"{number} customers",
        "since": f"{number}m",
        "severity": f"SEV{number}",
        "suspect": f"feed-{number}",
        "evidence": [f"{number} pods"],
        "tried": ["nothing", f"{number} restarts"],
        "need": f"{number} hands",
    }
    update = {key: value for key, value in facts.items() if key not in ("evidence", "need")}
    steps = [
        {"look": "vector(2)", "as": "seen"},
        {"page": {"team": "data", "about": f"feed-{number}", **facts}},
        {"escalate": {"about": f"feed-{number}", **facts}},
        {"escalate": {"need": "hands"}},
        {"tell": {"text": "slow", **update}},
    ]
    playbook = Playbook.model_validate({"playbook": 1, "name": "facts", "steps": steps})
    session = Session(drill(SLOW), 1)
    drive(session, {session.plays: Follower(playbook)})
    run = session.finish()
    stated = json.loads(json.dumps(facts).replace(number, "2"))
    (page,), (full, short) = logged_args(run, "page"), logged_args(run, "escalate")
    assert page == {"team": "data", "about": "feed-2", "text": "", **stated}
    assert full == {"to": "", "about": "feed-2", "text": "", **stated}
    assert short == {"to": "", "text": "", "need": "hands"}
    (sent,) = logged_args(run, "status_update")
    assert {key: sent[key] for key in update} == {key: stated[key] for key in update}


def test_an_escalation_is_about_a_component_as_a_page_is(quiet):
    args = {"team": "data", "about": "feed"}
    run = play_orders(quiet, (6, "page", args), (8, "escalate", {"to": "data", "about": "feed"}))
    assert {(event.who, event.about) for event in run.of(PageEvent)} == {("data", "feed")}


# -- who may call whom ---------------------------------------------------------------------------


@HANDING_OFF
@pytest.mark.parametrize(
    ("called_by", "note"),
    [
        (["command"], "data is paged by command only; page command"),
        (["infra", "command"], "data is paged by infra and command only; page command"),
    ],
)
def test_a_team_that_others_page_cannot_be_called_directly(action, args, called_by, note, drill):
    # Nobody but data calls the team infra, which is no way then.
    infra = {"members": ["oli"], "called_by": ["data"]}
    setting = drill(
        oncall__teams__data__called_by=called_by, oncall__teams__infra=infra, duration="10m"
    )
    to = args if action == "page" else {"to": "data"}
    run = play_orders(setting, (6, action, to))
    assert [event.note for event in run.of(ActionEvent) if event.ends] == [note]
    assert list(run.of(PageEvent)) == []


def test_a_team_calls_those_that_name_it(drill):
    setting = drill(oncall__teams__data__called_by=["ml"], duration="10m")
    run = play_orders(setting, (6, "page", {"team": "data"}))
    assert action_outcomes(run) == [("page", "done")]


@pytest.mark.parametrize(
    ("action", "args"),
    [
        ("declare", {"severity": "SEV2"}),
        ("diagnose", {"cause": "latency.slow_build"}),
        ("status_update", {"text": "slow"}),
        ("close", {}),
    ],
)
def test_an_order_names_the_incident_it_is_about(action, args, quiet):
    run = play_orders(quiet, (6, action, args), (7, action, args | {"incident": "stale-rows"}))
    results = [e.result for e in run.of(ActionEvent) if e.state == "done"]
    assert results[1] == results[0] | {"incident": "stale-rows"}
    assert "incident" not in results[0]
    assert logged_args(run, action)[1]["incident"] == "stale-rows"


def test_an_incident_has_a_name():
    with pytest.raises(ValidationError, match="is not a name"):
        ACTIONS.get("close").model_validate({"incident": "two of them"})


def test_the_catalogue_lists_what_an_order_needs_first():
    assert [field.name for field in describe(ACTIONS.get("page")).fields][:2] == ["team", "impact"]
