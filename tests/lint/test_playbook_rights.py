"""Warnings about orders and calls that the played team has no right to."""

import json

import pytest

from simulator.lint.scenario_lint import ScenarioLint
from simulator.setting import parse
from simulator.setting.bind import bind_names
from tests.small.playing import SMALL

MAY = {"never": ["drain_node"], "with_approval": ["retrain"], "ask": "command"}
RETRAIN = {"act": {"retrain": {}}}


def rights_warnings(*steps, may=MAY, called_by=()):
    """The warnings about the steps of the small drill's own playbook: path and text."""
    lint = ScenarioLint(SMALL)
    playbook = {"playbook": 1, "name": "a", "steps": steps}
    sets = {"responder": playbook, "oncall.teams.ml.may": may}
    sets["oncall.teams.data.called_by"] = list(called_by)
    lint.document, lint.scenario = parse(SMALL, [f"{k}={json.dumps(v)}" for k, v in sets.items()])
    lint.bound = bind_names(lint.document, lint.scenario)
    return [
        (complaint.path, complaint.text)
        for complaint in lint.warnings()
        if complaint.path.startswith("responder.")
    ]


@pytest.mark.parametrize(
    ("steps", "options", "warning"),
    [
        ([{"act": {"drain_node": {"node": 2}}}], {},
         ("responder.steps[0].act.drain_node", "ml must not order drain_node")),
        ([{"wait": "1m"}, RETRAIN], {},
         ("responder.steps[1].act.retrain", "ml needs an approval to order retrain; "
          "before, page command with need: retrain")),
        ([RETRAIN], {"may": {"with_approval": ["retrain"]}},
         ("responder.steps[0].act.retrain", "ml needs an approval to order retrain; "
          "before, page whoever approves it with need: retrain")),
        ([{"page": {"team": "data"}}], {"called_by": ["command"]},
         ("responder.steps[0].page.team", "data is paged by command only")),
        ([{"escalate": {"to": "data"}}], {"called_by": ["command"]},
         ("responder.steps[0].escalate.to", "data is paged by command only")),
    ],
)  # fmt: skip
def test_a_step_without_the_right_is_warned_of(steps, options, warning):
    assert rights_warnings(*steps, **options) == [warning]


def test_a_step_whose_approval_is_asked_for_is_right():
    page = {"page": {"team": "command", "need": "please approve retrain"}}
    assert rights_warnings(page, RETRAIN, {"page": {"team": "data"}}) == []


def test_a_scenario_whose_people_have_no_limits_has_no_warnings():
    assert rights_warnings(RETRAIN, {"act": {"drain_node": {"node": 2}}}, may={}) == []
