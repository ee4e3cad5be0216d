"""How well the orders of a run follow the drill's playbook."""

import pytest

from simulator.analysis import Timeline
from simulator.analysis.playbook_fit import playbook_fit, taken_steps
from simulator.responders import drive
from simulator.responders.playbook import Follower
from simulator.scenario import Playbook
from simulator.score import grade
from simulator.session import Session
from tests.analysis.story import Story
from tests.small.playing import MORE, Orders

QUIET = {"query": 'absent(ALERTS{alertname="Slow"})', "within": "10m"}
PLAYBOOK = {
    "playbook": 1,
    "name": "small",
    "steps": [
        {"acknowledge": {}},
        {"declare": {"severity": "SEV3"}},
        {"look": "sum(rate(http_requests_total[2m]))", "as": "traffic"},
        {
            "branch": [
                {"if": "absent(up)", "steps": [{"act": {"restart": {}}}]},
                {"if": "vector(1)", "steps": [{"act": {"scale": {"replicas": 4}}}]},
            ]
        },
        {"if": "absent(up)", "tell": {"to": ["product"], "text": "soon"}},
        {"verify": {**QUIET, "hold": "3m"}, "otherwise": [{"escalate": {}}]},
        {"close": {}},
    ],
}


@pytest.fixture(scope="module")
def overloaded(drill):
    return drill(MORE, responder=PLAYBOOK)


def played(setting, responder):
    session = Session(setting, 1)
    drive(session, {session.plays: responder})
    return session.finish()


def test_whoever_follows_the_playbook_fits(overloaded):
    """Conditions that were looked up, polls and pages taken on the way are no steps too many."""
    run = played(overloaded, Follower(Playbook.model_validate(PLAYBOOK)))
    alignment = playbook_fit(Timeline(run))
    assert (alignment.extra, alignment.missed) == ((), ())
    assert alignment.fitness == 1.0
    scores = grade(Timeline(run))
    assert scores.measures["playbook_conformance"].value == 1.0


def test_other_orders_do_not_fit(overloaded):
    orders = [(14, "acknowledge", {}), (15, "restart", {}), (15.5, "rollback", {"target": "model"})]
    run = played(overloaded, Orders(*orders, (25, "close", {})))
    alignment = playbook_fit(Timeline(run))
    assert [step.action for step in alignment.extra] == ["rollback"]
    # The way of the restart is the cheapest: what it costs is the look and the declaration.
    assert [move.action for move in alignment.missed] == ["declare", "look", "look"]
    measured = grade(Timeline(run)).measures["playbook_conformance"]
    assert measured.value == pytest.approx(1 - 8 / (12 + 8))
    assert measured.why == "not in the playbook: rollback; left out: declare and look (2)"
    assert len(measured.events) == 1


def test_without_a_playbook_there_is_nothing_to_follow():
    scores = grade(Timeline(Story().run()))
    assert scores.measures["playbook_conformance"].reason == "nothing_to_measure"
    assert scores.capabilities["conformance"].value is None


def test_what_counts_as_a_step():
    story = Story().fault()
    look = {"count": 1}
    for minute, expr in ((35, "up"), (36, "up"), (37, "rate"), (41, "up")):
        story.at(minute, "look", "ml-platform", expr=expr, **look)
    story.order(40, "acknowledge").order(42, "acknowledge").order(43, "scale", replicas=4)
    story.order(44, "fix_upstream", who="data-engineering", target="feed")
    steps = list(taken_steps(Timeline(story.run())))
    assert [step.action for step in steps if not step.optional] == [
        "look", "look", "acknowledge", "look", "scale",
    ]  # fmt: skip
    assert [step.action for step in steps if step.optional] == ["acknowledge"]
