"""A follower of a playbook does its steps as a person would, whatever it finds."""

from functools import partial

import pytest

from simulator.responders import drive
from simulator.responders.playbook import Follower
from simulator.run.events import LookEvent, OrderEvent, PageEvent, StepEvent
from simulator.scenario import Playbook
from simulator.session import Session
from tests.small.playing import MINUTE, SLOW, action_outcomes

# Every pod counts its requests by code: several series to a job on either side.
DUPLICATES = "rate(http_requests_total[5m]) * on (job) rate(http_requests_total[5m])"


@pytest.fixture
def followed(drill):
    """The run of a slow build that is answered with these steps."""

    def followed(*steps, **more):
        content = {"playbook": 1, "name": "a", "steps": steps, **more}
        session = Session(drill(SLOW), 1)
        drive(session, {session.plays: Follower(Playbook.model_validate(content))})
        return session.finish()

    return followed


@pytest.fixture
def followed_once(followed):
    """The same, and further pages start the playbook no more."""
    return partial(followed, starts_on={"alerts": ["Another"]})


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


def test_a_page_that_comes_to_two_people_is_acknowledged_once(drill):
    people = {"ana": {"notices": {"fixed": "5s"}}, "ben": {"notices": {"fixed": "15s"}}}
    policy = {"levels": [{"page": [{"person": "ana"}, {"person": "ben"}], "after": "20m"}]}
    oncall = {"oncall": 1, "name": "two", "people": people, "policies": {"both": policy},
              "teams": {"ml": {"policy": "both"}, "data": {"members": ["dee"]}},
              "receivers": {"pager": {"policy": "both"}, "tickets": {"team": "ml", "page": False}},
              "inform": ["product"]}  # fmt: skip
    session = Session(drill(SLOW, oncall=oncall), 1)
    playbook = {"playbook": 1, "name": "a", "steps": [{"acknowledge": {}}, {"close": {}}]}
    drive(session, {session.plays: Follower(Playbook.model_validate(playbook))})
    run = session.finish()
    assert [event.state for event in run.of(PageEvent)].count("seen") == 2
    assert [event.action for event in run.of(OrderEvent)] == ["acknowledge", "close"]


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


# -- the log of its steps --------------------------------------------------------------------


def steps(run, *states):
    """Path, state and reason of each step, in the order of the log."""
    events = run.of(StepEvent)
    return [(e.path, e.state, e.why) for e in events if not states or e.state in states]


def whys(run, path):
    return [why for at, _, why in steps(run) if at == path]


def test_each_step_is_logged_when_it_begins_and_ends(followed_once):
    run = followed_once(
        {"name": "Say so", "declare": {"severity": "SEV3"}, "takes": "1m"}, {"close": {}}
    )
    begun, done = run.of(StepEvent)[:2]
    assert done.t - begun.t >= MINUTE
    assert (begun.who, begun.playbook, begun.path, begun.verb) == ("ml", "a", "steps[0]", "declare")
    assert (begun.name, begun.by) == ("Say so", "engineer")
    assert [state for _, state, _ in steps(run)] == ["begun", "done", "begun", "done"]


def test_a_look_logs_its_answer(followed_once):
    run = followed_once(
        {"look": "vector(2)", "as": "x"},
        {"look": "nothing_like_it", "as": "y"},
        {"look": DUPLICATES},
        {"look": {"log": "no such line"}},
    )
    ends = steps(run, "done", "failed")
    assert [(state, why) for _, state, why in ends[:2]] == [
        ("done", "-> 2"),
        ("done", "-> nothing"),
    ]
    assert ends[2][1] == "failed"
    assert "found duplicate series" in ends[2][2]
    assert ends[3][1:] == ("done", "-> no line")


def test_a_branch_logs_which_way_it_went_and_why(followed_once):
    close = [{"close": {}}]
    run = followed_once(
        {"branch": [{"if": "vector(1) > 2", "steps": close}, {"if": "vector(3)", "steps": close}]},
        {"branch": [{"if": "vector(1) > 2", "steps": close}, {"otherwise": True, "steps": close}]},
        {"branch": [{"if": "vector(1) > 2", "steps": close}]},
        {"if": "vector(0) > 1", "close": {}},
    )
    assert whys(run, "steps[0]") == ["vector(3) -> 3", ""]
    assert whys(run, "steps[0].branch[1].steps[0]") == ["", "closed"]
    assert whys(run, "steps[1]") == ["otherwise: vector(1) > 2 -> nothing", ""]
    assert steps(run, "skipped") == [
        ("steps[2]", "skipped", "nothing matched: vector(1) > 2 -> nothing"),
        ("steps[3]", "skipped", "vector(0) > 1 -> nothing"),
    ]


def test_a_reference_without_a_result_fails_its_step_and_the_next_is_taken(followed_once):
    run = followed_once(
        {"look": "nothing_like_it", "as": "worst"},
        {"tell": {"to": ["product"], "text": "It is ${worst.feature}."}},
        {"look": "up{job='${worst.job}'}", "as": "more"},
        {"tell": {"to": ["product"], "text": "We look on."}},
    )
    why = "${worst.feature}: the look 'worst' had no result"
    assert steps(run, "failed") == [
        ("steps[1]", "failed", why),
        ("steps[2]", "failed", "${worst.job}: the look 'worst' had no result"),
    ]
    assert [
        event.args["text"] for event in run.of(OrderEvent) if event.action != "acknowledge"
    ] == ["We look on."]
    assert not any("?" in event.expr for event in run.of(LookEvent))


def test_a_condition_on_a_look_without_a_result_is_false(followed_once):
    nothing = {"look": "nothing_like_it", "as": "x"}
    condition = "${x.value} > bool 0"
    verify = {"query": condition, "within": "2m"}
    run = followed_once(
        nothing,
        {"if": condition, "close": {}},
        {"branch": [{"if": condition, "steps": [{"close": {}}]}]},
        {"verify": verify, "otherwise": [{"declare": {"severity": "SEV3"}}]},
        {"branch": [{"if": "vector(0) > 1", "steps": [{"look": "up", "as": "z"}]}]},
        {"if": "${z.value} > 0", "close": {}},
        {"look": "vector(2)", "as": "x"},
        {"if": "${x.value} > bool 1", "tell": {"to": ["product"], "text": "Two."}},
        {"tell": {"to": ["product"], "text": "${x.job}"}},
    )
    why = "${x.value}: the look 'x' had no result"
    assert steps(run, "skipped", "timed out", "failed") == [
        ("steps[1]", "skipped", why),
        ("steps[2]", "skipped", f"nothing matched: {why}"),
        ("steps[3]", "timed out", f"not within 2 min: {why}"),
        ("steps[4]", "skipped", "nothing matched: vector(0) > 1 -> nothing"),
        ("steps[5]", "skipped", "${z.value}: the look 'z' was not taken"),
        ("steps[8]", "failed", "${x.job}: the look 'x' has only value"),
    ]
    ordered = [event.action for event in run.of(OrderEvent) if event.action != "acknowledge"]
    assert ordered == ["declare", "status_update"]


def test_an_order_that_fails_fails_its_step(followed_once):
    run = followed_once({"act": {"rollback": {"target": "serving"}}}, {"act": {"rollbak": {}}})
    (first, _, note), (second, _, unknown) = steps(run, "failed")
    assert (first, second) == ("steps[0]", "steps[1]")
    assert "nothing to go back to" in note
    assert "did you mean 'rollback'?" in unknown


def test_steps_are_outside_the_digest_and_short(quiet):
    session = Session(quiet, 1)
    before = session.log.digest
    session.door("ml").log_step("p" * 999, "steps[0]", "look", "failed", "x" * 10**6, by=5)
    assert session.log.digest == before
    (step,) = (event for event in session.log.events if isinstance(event, StepEvent))
    assert (len(step.why), len(step.playbook), step.by) == (300, 300, "5")
