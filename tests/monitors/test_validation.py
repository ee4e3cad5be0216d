"""Validation rules: of a monitor, of a stage, of a pandera schema."""

import numpy as np
import pytest
from pydantic import ValidationError

from simulator.monitors import MONITORS, _extras
from simulator.monitors._checks import Check, CheckError
from simulator.monitors.validation import Validation
from simulator.pipeline.rows import Column
from simulator.scenario import Rule, Validate
from tests.monitors.rows import MINUTE, Rows, pool_of

COLUMNS = (Column("depart"), Column("arrive"), Column("carrier", ("AA", "UA", "US")))
TABLE = np.array([
    # depart, arrive, carrier
    [10.0, 20.0, 0.0],
    [12.0, 11.0, 1.0],  # lands before it leaves
    [np.nan, 30.0, 2.0],
    [-5.0, 30.0, 1.0],
    [12.5, 40.0, np.nan],
])  # fmt: skip


@pytest.fixture
def rows(quiet):
    """Five rows, each 20 times: 100 rows in a minute."""
    rows = Rows(quiet, pool_of(TABLE, columns=COLUMNS), room=5000)
    rows.score(100)
    rows.world.log.rows[:100] = np.tile(TABLE, (20, 1))
    return rows


def failures(rows, **rule):
    values = rows.evaluate(Validation(rules=({"rule": "it", **rule},)))
    assert values["ml_validation_rows_total"] == 100
    return values["ml_validation_failures_total", "it"]


@pytest.mark.parametrize(
    "rule, expected",
    [
        ({"feature": "depart", "min": 0.0}, 20),
        ({"feature": "depart", "max": 11.0}, 40),
        ({"feature": "depart", "min": 0.0, "max": 11.0}, 60),
        ({"feature": "depart", "nulls": 0.0}, 20),
        ({"feature": "depart", "nulls": 0.2}, 0),
        ({"feature": "depart", "nulls": 0.15}, 5),
        ({"feature": "depart", "type": "integer"}, 20),
        ({"feature": "arrive", "type": "integer"}, 0),
        ({"feature": "depart", "type": "number"}, 0),
        ({"feature": "carrier", "type": "category"}, 0),
        ({"feature": "carrier", "levels": ["AA", "UA"]}, 20),
        ({"feature": "arrive", "levels": ["20", "11", "30"]}, 20),
        ({"feature": "depart", "duplicates": 1.0}, 0),
        ({"feature": "depart", "duplicates": 0.7}, 6),
        ({"duplicates": 0.9}, 5),
        ({"check": "depart <= arrive"}, 20),
        ({"check": "depart <= arrive or carrier == 'UA'"}, 0),
        ({"check": "not (depart < 0 and arrive - depart > 30)"}, 20),
        ({"check": "0 <= depart <= 12"}, 40),
        ({"volume_min": "100/min"}, 0),
        ({"volume_min": "130/min"}, 30),
        ({"volume_max": "60/min"}, 40),
        ({"volume_max": "100/min"}, 0),
        ({"freshness": "1m"}, 0),
    ],
)
def test_a_rule_counts_the_rows_that_violate_it(rows, rule, expected):
    assert failures(rows, **rule) == expected


def test_stale_data_make_every_row_a_failure(rows):
    monitor, state = Validation(rules=({"rule": "fresh", "freshness": "5m"},)), {}
    rows.evaluate(monitor, state)
    rows.world.now += 6 * MINUTE
    assert rows.evaluate(monitor, state)["ml_validation_failures_total", "fresh"] == 1
    rows.score(30, dt=1000)
    assert rows.evaluate(monitor, state)["ml_validation_failures_total", "fresh"] == 0
    # A column's age is that of its newest value.
    rows.world.log.rows[:, 0] = np.nan
    old = Validation(rules=({"rule": "fresh", "feature": "depart", "freshness": "5m"},))
    assert rows.evaluate(old)["ml_validation_failures_total", "fresh"] >= 30


def test_a_late_evaluation_counts_every_row_once(rows):
    monitor, state = (
        Validation(every="1m", rules=({"rule": "r", "feature": "depart", "min": 0.0},)),
        {},
    )
    rows.evaluate(monitor, state)
    for _ in range(3):
        rows.score(50)
    values = rows.evaluate(monitor, state)
    assert values["ml_validation_rows_total"] == 150
    assert rows.evaluate(monitor, state)["ml_validation_rows_total"] == 0


def test_one_model_of_a_rule_serves_the_stage_and_the_monitor():
    stage = Validate(kind="validate", rules=({"rule": "r", "feature": "x", "min": 0.0},))
    assert Validation(rules=stage.rules).rules == stage.rules
    assert Validation.model_fields["rules"].annotation == tuple[Rule, ...]


@pytest.mark.parametrize(
    "rule, text",
    [
        ({}, "says nothing"),
        ({"feature": "x"}, "says nothing"),
        ({"min": 1.0}, "stands without feature"),
        ({"feature": "x", "check": "x > 0"}, "stands beside feature"),
        ({"feature": "x", "min": 2.0, "max": 1.0}, r"given 1, expected 2 \(min\) or more"),
        ({"volume_min": "2/s", "volume_max": "1/s"}, r"expected 2 \(volume_min\) or more"),
        ({"feature": "x", "type": "text"}, "'number', 'integer' or 'category'"),
    ],
)
def test_a_rule_without_meaning_is_rejected(rule, text):
    with pytest.raises(ValidationError, match=text):
        Rule(rule="r", **rule)


@pytest.mark.parametrize(
    "rule, path, text",
    [
        ({"feature": "departt", "min": 0.0}, "feature", "did you mean 'depart'?"),
        ({"check": "depart <= arive"}, "check", "unknown column 'arive'; did you mean 'arrive'?"),
        ({"check": "depart <="}, "check", "cannot be read as a condition"),
        ({"feature": "carrier", "type": "number"}, "type", "'carrier' is a category"),
        ({"feature": "carrier", "min": 0.0}, "min", "compares numbers"),
    ],
)
def test_a_rule_that_does_not_fit_its_columns_is_reported(rule, path, text):
    issues = Validation(rules=({"rule": "r", **rule},)).issues(COLUMNS)
    assert [issue.path for issue in issues] == [("rules", 0, path)]
    assert text in issues[0].text


def test_a_second_rule_of_the_same_name_is_reported():
    twice = ({"rule": "r", "feature": "depart", "min": 0.0},) * 2
    assert [issue.path for issue in Validation(rules=twice).issues(COLUMNS)] == [
        ("rules", 1, "rule")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "", "depart", "depart + 1", "depart < 'AA'", "carrier == 'BA'", "__import__('os') == 1",
        "depart.real < 1", "depart[0] < 1", "depart in (1, 2)", "depart ** 9 ** 9 ** 9 < 1", "(" * 500,
        "depart < 1 " + "or depart < 1 " * 100, "lambda: 0 < 1", "True < 2", "depart < 1\nimport os",
        "depart < 1 if depart else 2", "not depart", "depart < None", "-" * 900 + "depart < 1",
    ],
)  # fmt: skip
def test_an_invalid_condition_is_rejected(text):
    with pytest.raises(CheckError):
        Check(text, COLUMNS)


def test_a_null_violates_no_check():
    def violated(text):
        return Check(text, COLUMNS).violations(TABLE).tolist()

    assert violated("depart > 1000") == [True, True, False, True, True]
    # A condition that is false for any value of the null is violated.
    assert violated("depart > 1000 and arrive > 1000") == [True] * 5
    assert violated("depart > 1000 or arrive > 0") == [False] * 5
    assert violated("not depart > 1000") == [False] * 5
    assert violated("depart / 0 < 1") == [True, True, False, False, True]
    assert violated("1 < 2") == [False] * 5


# -- pandera --------------------------------------------------------------------------------

SCHEMA = {
    "columns": {
        "depart": {"dtype": "float64", "nullable": True, "checks": {"greater_than_or_equal_to": 0}},
        "arrive": {"dtype": "float64", "nullable": False, "checks": {"less_than": 35}},
        "carrier": {"dtype": "object", "nullable": False, "checks": {"isin": ["AA", "UA"]}},
    }
}


@pytest.mark.skipif(
    bool(_extras.install_hint("pandera", "validation")), reason="needs the extra validation"
)
def test_a_pandera_schema_counts_what_our_own_rules_count(rows):
    monitor = MONITORS.get("pandera")(schema=SCHEMA)
    assert monitor.issues(COLUMNS) == []
    values = rows.evaluate(monitor)
    own = {
        "depart": {"min": 0.0}, "arrive": {"max": 34.9}, "carrier": {"levels": ["AA", "UA"], "nulls": 0.0},
    }  # fmt: skip
    for feature, rule in own.items():
        count = failures(rows, feature=feature, **rule)
        assert values["ml_validation_failures_total", f"pandera/{feature}"] == count, feature
    assert values["ml_validation_failures_total", "pandera/schema"] == 0
    assert values["ml_validation_pandera_rows_total"] == 100
    gone = MONITORS.get("pandera")(schema={"columns": {"tail": {"dtype": "object"}}})
    assert rows.evaluate(gone)["ml_validation_failures_total", "pandera/schema"] == 100


@pytest.mark.skipif(
    bool(_extras.install_hint("pandera", "validation")), reason="needs the extra validation"
)
def test_an_invalid_pandera_schema_is_reported_before_the_drill():
    for schema in ({"columns": 3}, "no_such_module:schema", "math:pi_schema"):
        issues = MONITORS.get("pandera")(schema=schema).issues(COLUMNS)
        assert [issue.path for issue in issues] == [("schema",)]
        assert "is not a pandera schema" in issues[0].text
