"""Teams that a fault needs and that nobody can call."""

import json

import pytest

from simulator.lint import unreachable_teams
from simulator.setting import parse
from simulator.setting.bind import bind_names
from tests.small.playing import NULLS, SMALL


@pytest.mark.parametrize(
    ("command", "data", "texts"),
    [
        ([], ["command"], []),  # over two hops
        (["data"], ["command"], ["ml cannot reach command, and nulls needs data"]),
    ],
)
def test_an_owner_whose_callers_cannot_be_reached(command, data, texts):
    sets = {
        "injects": [NULLS],
        "oncall.teams.command.called_by": command,
        "oncall.teams.data.called_by": data,
    }
    document, scenario = parse(SMALL, [f"{key}={json.dumps(value)}" for key, value in sets.items()])
    complaints = unreachable_teams.warnings(document, scenario, bind_names(document, scenario))
    assert [complaint.text for complaint in complaints] == texts


def test_a_team_that_must_be_paged_and_cannot_be_reached():
    sets = {
        "expect": {"must_page": ["command"]},
        "oncall.teams.command.called_by": ["data"],
        "oncall.teams.data.called_by": ["command"],
    }
    document, scenario = parse(SMALL, [f"{key}={json.dumps(value)}" for key, value in sets.items()])
    complaints = unreachable_teams.warnings(document, scenario, bind_names(document, scenario))
    assert [complaint.text for complaint in complaints] == [
        "ml cannot reach data, and expect.must_page has command"
    ]
