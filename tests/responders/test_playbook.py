"""A follower of a playbook does its steps as a person would, whatever it finds."""

import pytest

from simulator.responders import drive
from simulator.responders.playbook import Follower
from simulator.run.events import LookEvent, OrderEvent
from simulator.scenario import Playbook
from simulator.session import Session
from tests.small.playing import SLOW, action_outcomes

# Every pod counts its requests by code: several series to a job on either side.
DUPLICATES = "rate(http_requests_total[5m]) * on (job) rate(http_requests_total[5m])"


@pytest.fixture
def followed(drill):
    """The run of a slow build that is answered with these steps."""

    def followed(*steps):
        playbook = Playbook.model_validate({"playbook": 1, "name": "a", "steps": steps})
        session = Session(drill(SLOW), 1)
        drive(session, {session.plays: Follower(playbook)})
        return session.finish()

    return followed


@pytest.mark.parametrize(
    "step",
    [
        {"look": DUPLICATES, "as": "x"},
        {"if": DUPLICATES, "declare": {"severity": "SEV1"}},
        {"verify": {"query": DUPLICATES, "within": "1s"}},
    ],
)
def test_a_question_without_an_answer_is_no_result_and_told(followed, step):
    run = followed(step, {"close": {}})
    assert set(action_outcomes(run)) == {("close", "done")}
    errors = {event.expr: event.error for event in run.of(LookEvent)}
    assert "found duplicate series" in errors[DUPLICATES]


def test_a_shorthand_is_logged_in_the_order_of_the_action_with_its_defaults(followed):
    run = followed(
        {"page": {"text": "Look.", "team": "data"}},
        {"escalate": {"to": "command"}},
        {"act": {"escalate": {"to": "command"}}},
        {"diagnose": {"cause": "latency.slow_build"}},
    )
    orders = list(run.of(OrderEvent))[:4]
    assert [list(event.args.items()) for event in orders] == [
        [("team", "data"), ("text", "Look.")],
        [("to", "command"), ("text", "")],
        [("to", "command")],
        [("cause", "latency.slow_build")],
    ]


def test_a_range_shows_its_newest_sample(followed):
    run = followed(
        {"look": "up[5m]", "as": "x"}, {"tell": {"to": ["product"], "text": "${x.value}"}}
    )
    order = run.of(OrderEvent)[0]
    assert order.args["text"] == "1"
