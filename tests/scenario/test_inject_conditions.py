"""Conditions of injects: wrong ones, and those that can never hold, are one line in their place."""

import pytest

from simulator.scenario import Scenario

from .conftest import SCENARIO

MESSAGE = "message: {from: director, to: primary, text: Who?}"
OLD = "{unless: {event: declared, by: 80m}, " + MESSAGE + "}"


@pytest.fixture
def complaints(refused):
    """The complaints about the last inject, which has these keys."""

    def complaints(keys):
        lines = refused(Scenario, SCENARIO, OLD, f"{{{keys}, {MESSAGE}}}")
        assert all(line.startswith("a.yaml:15:") for line in lines)
        return [line.split(": ", 1)[1].removeprefix("injects[3]") for line in lines]

    return complaints


@pytest.mark.parametrize(
    "keys",
    [
        "at: 50m, unless: {mitigated: true}",
        "at: 50m, unless: {objective: accuracy, held: 0s}",
        "unless: {mitigated: true, by: 50m}",
        "when: {objective: accuracy, breached: 10m}",
        "when: {objective: accuracy, held: 10m, by: 2h}, at: 50m, unless: {event: told}",
        "when: {event: declared, after: 5m}",
        "when: {mitigated: true}",
    ],
)
def test_right_conditions(read, keys):
    inject = read(Scenario, SCENARIO, OLD, f"{{{keys}, {MESSAGE}}}").injects[3]
    assert inject.kind == "message"


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("unless: {event: declared}", ".unless.by: is missing: an inject without at and when needs it"),
        ("at: 50m, unless: {event: declared, by: 80m}", ".unless.by: leave it out: the inject's time is its at"),
        ("when: {mitigated: true}, unless: {event: declared, by: 80m}", ".unless.by: leave it out: the inject's time is its when"),
        ("when: {}", ".when: expected one of event, objective, mitigated; given none"),
        ("when: {event: declared, mitigated: true}", ".when: expected one of event, objective, mitigated; given event and mitigated"),
        ("when: {objective: accuracy}", ".when: expected one of breached, held; given none"),
        ("when: {objective: accuracy, held: 1m, breached: 1m}", ".when: expected one of breached, held; given breached and held"),
        ("when: {event: declared, held: 1m}", ".when.held: only an objective has it"),
        ("when: {mitigated: true, after: 1m}", ".when.after: only an event has it"),
        ("when: {mitigated: false}", ".when.mitigated: given false, expected true"),
        ("when: {objective: accuracy, breeched: 1m}", ".when.breeched: unknown key; did you mean 'breached'?"),
        ("at: 1h, when: {mitigated: true, by: 50m}", ".when.by: given '50m', but its earliest time is 1h"),
        ("when: {mitigated: true, by: 5m}", ".when.by: given '5m', but the warm-up ends at 15m"),
        ("when: {mitigated: true, by: 5h}", ".when.by: given '5h', but the drill ends at 4h"),
        ("when: {objective: accuracy, breached: 4h}", ".when.breached: given '4h', but the drill ends at 4h: it never holds"),
        ("when: {objective: accuracy, held: 1h, by: 50m}", ".when.held: given '1h', but its latest time is 50m: it never holds"),
        ("when: {event: declared, after: 5h}", ".when.after: given '5h', but the drill ends at 4h: it never holds"),
        ("at: 50m, unless: {objective: accuracy, held: 1h}", ".unless.held: given '1h', but the inject's time is 50m: it never holds"),
        ("when: {mitigated: true}, unless: {mitigated: true}", ".unless: holds whenever `when` does: the inject never starts"),
        ("when: {event: declared, after: 1m}, unless: {event: declared}", ".unless: holds whenever `when` does: the inject never starts"),
        ("when: {objective: accuracy, breached: 9m}, unless: {objective: accuracy, breached: 5m}", ".unless: holds whenever `when` does: the inject never starts"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_line(complaints, keys, line):
    assert complaints(keys) == [line]


def test_without_a_fault_nothing_is_mitigated(refused):
    text = SCENARIO.replace("{at: 45m, fault: unit_change, target: feed, args: {feature: x}}",
                            "{when: {mitigated: true}, fault: unit_change, target: feed}")  # fmt: skip
    assert refused(Scenario, text) == [
        "a.yaml:12:24: injects[0].when.mitigated: there is no other fault to mitigate: it never holds"
    ]
