"""Rules that Prometheus accepts and that have no effect in a drill."""

from pathlib import Path

import pytest

from simulator.cli import call
from simulator.lint import routing_tree
from simulator.lint.possible_series import PossibleSeries
from simulator.lint.scenario_lint import ScenarioLint
from simulator.source import shipped_files

SMALL = str(Path(__file__).parents[1] / "small" / "drill.yaml")
NEVER = "never fires here: "


@pytest.fixture(scope="module")
def scenario_lint():
    return ScenarioLint(SMALL)


@pytest.fixture
def warnings_about(scenario_lint):
    """The warnings about an alert's expression, in the small drill."""
    from simulator.alerting.rulefile import load_rules

    def warnings_about(expr, rest=""):
        text = "groups:\n- name: g\n  rules:\n"
        text += f"  - alert: A\n    expr: {expr!r}\n{rest}"
        groups = load_rules(text, "a.yml", 3)
        return [warning.text for warning in scenario_lint.rule_warnings(groups)]

    return warnings_about


@pytest.mark.parametrize(
    ("expr", "complaint"),
    [
        (
            "rate(http_request_total[5m]) > 1",
            NEVER + "there is no metric 'http_request_total'; did you mean 'http_requests_total'?",
        ),
        (
            'http_requests_total{cod="500"} > 1',
            NEVER + "http_requests_total has no label 'cod'; did you mean 'code'?",
        ),
        (
            'kube_pod_status_phase{phase="Runing"} == 1',
            NEVER
            + "the label 'phase' of kube_pod_status_phase is never 'Runing'; did you mean 'Running'?",
        ),
        (
            'http_requests_total{code=~"4.."}',
            NEVER + "the label 'code' of http_requests_total is never '4..'; "
            "it is '200', '500', '503', '504'",
        ),
        (
            'up{job="kserve", instance="feast:9090"} == 0',
            NEVER
            + 'no series of up matches all of up{job="kserve", instance="feast:9090"} at once',
        ),
        (
            "ml_feature_null_ratio > 5",
            NEVER + "ml_feature_null_ratio > 5 never holds: its left side is at most 1",
        ),
        (
            "ml_feature_psi and ml_feature_rows > 100",
            NEVER
            + "the sides of and never match: left is by (feature, instance, job, model_name), "
            "right by (instance, job, model_name); use on () or ignoring ()",
        ),
        ("absent(no_such_thing)", "there is no metric 'no_such_thing'"),
        (
            'ALERTS{alertname="Slw"}',
            NEVER + "the label 'alertname' of ALERTS is never 'Slw'; did you mean 'Slow'?",
        ),
    ],
)
def test_a_slip_gets_a_suggestion(warnings_about, expr, complaint):
    assert warnings_about(expr) == [complaint]


@pytest.mark.parametrize(
    "expr",
    [
        "histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 15",
        "histogram_quantile(0.9, sum by (pod) (rate(http_request_duration_seconds_bucket[5m]))) > 1",
        'sum(rate(http_requests_total{code="500"}[5m])) / sum(rate(http_requests_total[5m])) > 2',
        "count(up == 0) == 0",
        "100 * avg(up) > 101",
        "rate(http_requests_total[5m]) < 0",
        "1 < ml_model_accuracy",
    ],
)
def test_rules_that_provably_never_fire(warnings_about, expr):
    (warning,) = warnings_about(expr)
    assert warning.startswith(NEVER)


@pytest.mark.parametrize(
    "expr",
    [
        "up == 0",
        "vector(1)",
        "absent(up)",
        "scrape_duration_seconds > 5",
        'ml_model_info{version="9"} == 1',
        "ml_model_accuracy * on (model_name) group_left (version) ml_model_info < 0.5",
        'ALERTS{alertname="Slow", alertstate="firing"} == 1',
        'prometheus_rule_group_iterations_missed_total offset 5m > 0 or up{job="alertmanager"} == 0',
        "delta(ml_prediction_positive_ratio[1h]) < -0.2",
        'count_values("v", up) > 1',
        "ml_feature_psi > 0.25 and on () ml_feature_rows > 100",
        'http_request_duration_seconds_bucket{le="0.5"} > 1',
    ],
)
def test_rules_that_may_fire_get_no_warning(warnings_about, expr):
    assert warnings_about(expr) == []


def test_other_rules_may_read_recorded_series(warnings_about):
    record = "  - record: job:req:rate\n    expr: sum by (job) (rate(http_requests_total[5m]))\n"
    assert warnings_about("job:req:rate > 1", record) == []
    assert warnings_about('job:req:rate{job="kserv"} > 1', record) == [
        NEVER + "the label 'job' of job:req:rate is never 'kserv'; did you mean 'kserve'?"
    ]


def test_a_receiver_that_notifies_nobody():
    text = "route:\n  receiver: pagr\nreceivers: [{name: pagr}]\n"
    (warning,) = routing_tree.warnings(text, "am.yml", ["pager", "tickets"])
    assert str(warning) == (
        "am.yml:2:13: receiver 'pagr' notifies nobody: the on-call file does not have it; "
        "did you mean 'pager'?"
    )


def test_strict_turns_warnings_into_errors(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rules = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: upp == 0\n"
    Path("a.yml").write_text(rules)
    line = "group g: rule A: never fires here: there is no metric 'upp'; did you mean 'up'?\n"
    assert call(["check", "a.yml", "--with", SMALL]) == 0
    assert capsys.readouterr() == (
        "ok a.yml (Prometheus rules)\n",
        f"a.yml:4:5: warning: {line}",
    )
    assert call(["check", "a.yml", "--with", SMALL, "--strict"]) == 2
    assert capsys.readouterr().err == f"a.yml:4:5: {line}"


def test_every_series_of_a_run_is_possible(scenario_lint, quiet):
    possible = PossibleSeries(scenario_lint.bound)
    tables = quiet.collector.store.tables.values()
    unexpected = {labels for table in tables for labels in table.series} - set(possible.series)
    # The versions of a version label are not known in advance.
    assert {dict(labels)["__name__"] for labels in unexpected} <= set(possible.open_labels)


def test_shipped_scenarios_have_no_warnings(capsys):
    files = [str(file) for file in shipped_files("drill").values()]
    assert call(["check", "--strict", *files]) == 0, capsys.readouterr().err
