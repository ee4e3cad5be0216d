"""What `expect` says against what follows from the injects and the on-call file: both are named."""

import json

import pytest

from simulator.cli import call
from simulator.lint import expected_answer, expected_limits
from simulator.setting import parse
from simulator.setting.bind import bind_names
from simulator.source import shipped_files
from tests.small.playing import LATE, SLOW, SMALL

LEVEL = {"when": {"any": [{"burn": 6}]}, "inform": ["product"]}
NEITHER = {"cause": "pipeline.expired_credential", "owner": ["data"]}


def warnings(expect, *injects, **sets):
    """The path and the text of each warning, without the other place's position."""
    sets = {"injects": injects, "expect": expect, **sets}
    document, scenario = parse(SMALL, [f"{key}={json.dumps(value)}" for key, value in sets.items()])
    bound = bind_names(document, scenario)
    complaints = [
        *expected_answer.warnings(document, scenario, bound),
        *expected_limits.warnings(document, scenario, bound),
    ]
    return [(complaint.path, complaint.text) for complaint in complaints]


@pytest.mark.parametrize(
    ("expect", "path", "text", "other"),
    [
        ({"cause": "latency.slow_build"}, "expect.cause",
         "latency.slow_build is not injected: there is pipeline.expired_credential", "injects"),
        ({"cause": ["pipeline.expired_credential", "latency.overload"]}, "expect.cause[1]",
         "latency.overload is not injected: there is pipeline.expired_credential", "injects"),
        ({"owner": ["ml"]}, "expect.owner", "is ml, and only data can end late", "injects[0]"),
        ({"escalate": []}, "expect.escalate", "says nobody, and only data can end late",
         "injects[0]"),
        ({"owner": ["data", "command"]}, "expect.owner[1]",
         "command owns nothing that a fault is about", "oncall.teams.command"),
        ({"must_not": ["rerun_job"]}, "expect.must_not[0]",
         "rerun_job is forbidden, and every right move for late has it", "injects[0]"),
        ({"must_not": ["page"], "must_page": ["data"]}, "expect.must_not[0]",
         "page is forbidden, and data has to be paged", "expect.must_page"),
        ({"must_not": ["scale"], "acceptable": ["waiting", "scale"]}, "expect.must_not[0]",
         "scale is acceptable, too", "expect.acceptable[1]"),
        ({"severity": [{"from": "0m", "is": "SEV5"}]}, "expect.severity",
         "SEV5 is no incident, and there is a cause", "expect.cause"),
        ({"mitigate_within": "20m"}, "expect.mitigate_within",
         "20m is never passed: the drill ends 20m after late", "injects[0]"),
        ({"budget": {"freshness": "1h"}}, "expect.budget.freshness",
         "1h is never passed: the drill ends 20m after late", "injects[0]"),
        ({"mitigate_within": "10m", "recover_within": "5m"}, "expect.recover_within",
         "5m is less than the 10m of the mitigation, which comes first", "expect.mitigate_within"),
        ({"mitigate_within": "5m", "acknowledge_within": "6m"}, "expect.acknowledge_within",
         "6m is more than the 5m of the mitigation, which comes later", "expect.mitigate_within"),
        ({"severity": [{"from": "0m", "is": "SEV3"}, {"from": "30m", "is": "SEV2"}]},
         "expect.severity[1].from", "30m is after the end of the drill", "duration"),
        ({"escalate": [{"to": "command", "reason": "time_box", "after": "40m"}]},
         "expect.escalate[0].after", "40m is after the end of the drill", "duration"),
    ],
)  # fmt: skip
def test_a_contradiction_names_both_places(expect, path, text, other):
    [(at, message)] = warnings({**NEITHER, **expect}, LATE)
    assert at == path
    assert message.startswith(f"{text} (")
    assert message.endswith(f": {other})")


def test_what_agrees_is_no_warning():
    right = {"must_page": ["data"], "must_not": ["scale"], "mitigate_within": "15m",
             "recover_within": "19m", "severity": [{"from": "0m", "is": "SEV3"}]}  # fmt: skip
    assert warnings({**NEITHER, **right}, LATE) == []
    assert warnings({"cause": "latency.slow_build", "owner": ["ml"]}, SLOW) == []
    assert warnings({"severity": [{"from": "0m", "is": "SEV5"}]}) == [], "a false alarm"


def test_a_severity_that_the_oncall_file_does_not_have():
    levels = {"SEV3": LEVEL, "SEV2": {**LEVEL, "inform": []}}
    expect = {**NEITHER, "severity": [{"from": "0m", "is": "SEV1"}]}
    [(path, text)] = _with_levels(expect, levels)
    assert path == "expect.severity[0].is"
    assert text.startswith("SEV1 is no severity of the on-call file: it has SEV2 and SEV3 (")


def test_readers_of_the_severity_that_are_left_out():
    expect = {**NEITHER, "inform": ["support"], "severity": [{"from": "0m", "is": "SEV3"}]}
    levels = {"SEV3": LEVEL}
    [(path, text)] = _with_levels(expect, levels)
    assert path == "expect.inform"
    assert text.startswith("SEV3 says to inform product, too (")
    assert text.endswith(": oncall.severities.SEV3.inform)")


def _with_levels(expect, levels):
    return warnings(
        expect, LATE, **{"oncall.severities": levels, "oncall.inform": ["product", "support"]}
    )


@pytest.mark.parametrize("name", sorted(shipped_files("drill")))
def test_shipped_drills_agree_with_themselves(name):
    document, scenario = parse(name)
    bound = bind_names(document, scenario)
    complaints = [
        *expected_answer.warnings(document, scenario, bound),
        *expected_limits.warnings(document, scenario, bound),
    ]
    assert [str(complaint) for complaint in complaints] == []


def test_check_tells_both_places_with_their_lines(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.yaml").write_text(
        "drill: 1\nextends: expired-key\nname: wrong\nexpect:\n  owner: [ml-platform]\n"
    )
    assert call(["check", "wrong.yaml"]) == 0
    [line] = [line for line in capsys.readouterr().err.splitlines() if "expect.owner" in line]
    assert line.startswith("wrong.yaml:5:10: warning: expect.owner: is ml-platform, and only ")
    assert "security can end key (" in line
    assert "expired-key.yaml:" in line
