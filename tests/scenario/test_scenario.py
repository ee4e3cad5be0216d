"""Scenarios: their models, and the errors of invalid ones."""

import pytest

from simulator.scenario import Scenario

from .conftest import SCENARIO

TIMES = "(units w, d, h, m, s, ms; for example '1h30m')"


def test_a_scenario_is_read(read):
    scenario = read(Scenario, SCENARIO)
    assert scenario.duration == 4 * 3_600_000
    assert scenario.starts_at.utcoffset().total_seconds() == -5 * 3600
    assert [inject.id for inject in scenario.injects] == [
        "unit_change", "release", "release-2", "message",
    ]  # fmt: skip
    assert [inject.kind for inject in scenario.injects] == ["fault", "change", "change", "message"]
    assert [name for name, _ in scenario.objectives.items()] == ["availability", "freshness"]
    assert Scenario.model_validate_json(scenario.model_dump_json(by_alias=True)) == scenario


def test_default_ids_avoid_given_ids(read):
    scenario = read(Scenario, SCENARIO, "{at: 55m,", "{at: 55m, id: release,")
    assert [inject.id for inject in scenario.injects][1:3] == ["release-2", "release"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("plays: ml", "plays: ml\ndurration: 3h", "8:1: durration: unknown key; did you mean 'duration'?"),
        ("type: data", "type: dta", "4:7: type: unknown 'dta'; did you mean 'data'?"),
        ("title: A small one", "title: [x]", "3:8: title: given a list of 1, expected a text"),
        ("title: A small one\n", "", "1:1: title: is missing: the story in one line"),
        ("duration: 4h", "duration: 4", f"6:11: duration: 4 is not a duration: it has no unit; did you mean '4s' or '4m'? {TIMES}"),
        ("duration: 4h", "duration: 4 hours", f"6:11: duration: '4 hours' is not a duration; did you mean '4h'? {TIMES}"),
        ("-05:00", "", "5:12: starts_at: '2026-03-09T12:00:00' has no zone; did you mean '2026-03-09T12:00:00Z' or '2026-03-09T12:00:00-05:00'?"),
        ("name: small", "name: a b", "2:7: name: 'a b' is not a name; expected letters, digits, '-', '_' and '.', at most 63; did you mean 'a-b'?"),
        ("at: 45m", "at: 5h", "12:10: injects[0].at: given '5h', but the drill ends at 4h"),
        ("by: 80m", "by: 9h", "15:36: injects[3].unless.by: given '9h', but the drill ends at 4h"),
        ("plays: ml", "plays: ml\nwarm_up: 4h", "8:10: warm_up: given '4h', expected less than the duration (4h)"),
        ("plays: ml", "plays: ml\nscrape_interval: 12s", "8:18: scrape_interval: given '12s', expected a multiple of the tick (5s)"),
        ("am.yml}", "am.yml, evaluation_interval: 31s}", "9:71: alerting.evaluation_interval: given '31s', expected a multiple of the tick (5s)"),
        ("change: release}\n  - {at: 55m", "id: x, change: release}\n  - {at: 55m, id: x", "14:19: injects[2].id: id 'x' is also that of entry [1]"),
        ("{at: 50m, ", "{", "13:5: injects[1]: expected at, when or unless; given none"),
        ("{at: 50m, ", "{at: 50m, fault: x, ", "13:5: injects[1]: expected one of fault, change, message; given fault and change"),
        ("{at: 50m, ", "{at: 50m, id: order-ml-1, ", "13:19: injects[1].id: 'order-…' is taken: by the twins without an order"),
        ("{at: 50m, ", "{at: 50m, for: 5m, ", "13:20: injects[1].for: only a fault has it"),
        ("availability: {min", "avalability: {min", "16:14: objectives.avalability: unknown key; did you mean 'availability'?"),
        ("min: 0.995", "min: 99.5", "16:34: objectives.availability.min: 99.5 is not a ratio from 0 to 1; did you mean 0.995? (for example 0.6 or '60%')"),
        ("window: 5m", "window: 5m, budget: 0s", "16:61: objectives.availability.budget: given '0s', expected more"),
        ("window: 5m", "window: 5m, weight: 0", "16:61: objectives.availability.weight: given 0, expected above 0"),
        ("oncall: team.yaml", "oncall: 3", "10:9: oncall: given 3, expected a map"),
        ("drill: 1", "drill: 2", "1:8: drill: given 2, expected 1"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_line_in_its_place(refused, old, new, line):
    assert refused(Scenario, SCENARIO, old, new) == [f"a.yaml:{line}"]


def test_an_error_of_a_union_has_one_path(refused):
    """Pydantic's names of a union's branches are in no file."""
    assert refused(Scenario, SCENARIO, "plays: ml", "plays: ml\nexpect: {cause: 5}") == [
        "a.yaml:8:17: expect.cause: given 5, expected a list",
        "a.yaml:8:17: expect.cause: given 5, expected a text",
    ]


def test_all_errors_are_reported_at_once(refused):
    text = SCENARIO.replace("type: data", "type: dta").replace("at: 45m", "at: 9h")
    assert [line.split(": ")[0] for line in refused(Scenario, text, "plays: ml", "plais: ml")] == [
        "a.yaml:4:7", "a.yaml:7:1", "a.yaml:12:10",
    ]  # fmt: skip


def test_a_large_scenario_is_validated_quickly(read):
    import time

    more = "".join(
        f"  - {{id: i{n}, at: 45m, fault: f, args: {{a: 1, b: x}}}}\n" for n in range(300)
    )
    start = time.process_time()
    assert len(read(Scenario, SCENARIO, "objectives:", more + "objectives:").injects) == 304
    # Measured 25 ms; the bound is for a busy machine.
    assert time.process_time() - start < 1
