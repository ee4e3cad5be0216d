"""On-call files, playbooks and rubrics."""

import pytest

from simulator.scenario import OnCall, Playbook, Rubric

from .conftest import ONCALL, PLAYBOOK, RUBRIC


@pytest.mark.parametrize(
    ("model", "text"), [(OnCall, ONCALL), (Playbook, PLAYBOOK), (Rubric, RUBRIC)]
)
def test_each_format_survives_a_round_trip(read, model, text):
    parsed = read(model, text)
    again = parsed.model_dump_json(by_alias=True, exclude_none=True)
    assert model.model_validate_json(again) == parsed


def test_every_step_has_its_path(read):
    playbook = read(Playbook, PLAYBOOK)
    assert [step.verb for _, step in playbook.walk()] == [
        "acknowledge", "look", "branch", "act", "wait", "verify", "escalate", "close",
    ]  # fmt: skip
    paths = {step.verb: path for path, step in playbook.walk()}
    assert paths["act"] == ("steps", 2, "branch", 0, "steps", 0)
    assert paths["escalate"] == ("steps", 3, "otherwise", 0)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("team: ml", "team: mll", "6:27: receivers.pager.team: unknown team 'mll'; did you mean 'ml'?"),
        ("owns: [feed]", "owns: [view]", "5:33: teams.data.owns[0]: 'view' is also owned by ml"),
        ("[ana, ben]", "[ana, ana]", "4:23: teams.ml.members[1]: member 'ana' is also that of entry [0]"),
        ("[ana, ben]", "[]", "4:17: teams.ml.members: is empty"),
        ("[ana, ben]", "[ana], unreachable: 2", "4:37: teams.ml.unreachable: 2 is not a ratio from 0 to 1; did you mean 0.02? (for example 0.6 or '60%')"),
    ],
)  # fmt: skip
def test_an_on_call_file_is_refused(refused, old, new, line):
    assert refused(OnCall, ONCALL, old, new) == [f"a.yaml:{line}"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("acknowledge: {}", "acknowlege: {}", "4:5: steps[0].acknowlege: unknown key; did you mean 'acknowledge'?"),
        ("acknowledge: {}", "restrat: {}", "4:5: steps[0].restrat: unknown key; did you mean 'act: {restart: {...}}'?"),
        ("acknowledge: {}", "release: {share: 0.5}", "4:5: steps[0].release: unknown key; did you mean 'act: {release: {...}}'?"),
        ("acknowledge: {}", "whatever: {}", "4:5: steps[0].whatever: unknown key; expected one of acknowledge, look, declare, assign, diagnose, branch, act, page, escalate, approve, verify, tell, wait, close"),
        ("wait: 5m", "rollbak: {}", "11:18: steps[2].branch[1].steps[0].rollbak: unknown key; did you mean 'act: {rollback: {...}}'?"),
        ("- close: {}", "- close: {}\n    wait: 5m", "14:5: steps[4]: expected exactly one of acknowledge, look, declare, assign, diagnose, branch, act, page, escalate, approve, verify, tell, wait, close; given wait and close"),
        ("${worst.feature}", "${worst}", "9:46: steps[2].branch[0].steps[0].act.quarantine.feature: given '${worst}', expected '${worst.value}' or the name of a label"),
        ("${worst.feature}", "${wrost.feature}", "9:46: steps[2].branch[0].steps[0].act.quarantine.feature: unknown '${wrost.feature}'; did you mean 'worst'?"),
        ("if: ", "if: ${wrost.value} > bool ", "8:13: steps[2].branch[0].if: unknown '${wrost.value}'; did you mean 'worst'?"),
        ("- close: {}", "- close: {}\n    as: x", "15:9: steps[4].as: only look finds something to name"),
        ("within: 10m", "within: 10m, every: 0s", "12:45: steps[3].verify.every: given '0s', expected more"),
        ("otherwise: true", "otherwise: false", "10:9: steps[2].branch[1]: expected either if or 'otherwise: true'"),
        ("topk(1, ml_feature_psi)", "{log: x, since: 100000d}", "5:27: steps[1].look.since: '100000d' is not a duration: it is absurdly large (units w, d, h, m, s, ms; for example '1h30m')"),
        ("topk(1, ml_feature_psi)", "{log: x, sinse: 1h}", "5:20: steps[1].look.sinse: unknown key; did you mean 'since'?"),
        ("topk(1, ml_feature_psi)", "5", "5:11: steps[1].look: given 5, expected a map"),
        ("{query: up, within: 10m}", "{within: 10m}", "12:13: steps[3].verify.query: is missing: PromQL: true if it returns any sample, a scalar if it is not 0"),
        ("wait: 5m", "wait: 5", "11:24: steps[2].branch[1].steps[0].wait: 5 is not a duration: it has no unit; did you mean '5s' or '5m'? (units w, d, h, m, s, ms; for example '1h30m')"),
    ],
)  # fmt: skip
def test_a_playbook_is_refused(refused, old, new, line):
    assert refused(Playbook, PLAYBOOK, old, new) == [f"a.yaml:{line}"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("detection: 0.5", "detection: 0.6", "4:10: weights: add up to 1.1, expected 1"),
        ("detection", "detektion", "4:11: weights.detektion: unknown key; did you mean 'detection'?"),
        ("detection: 0.5", "detection: -0.1", "4:22: weights.detection: -0.1 is not a ratio from 0 to 1: it is negative (for example 0.6 or '60%')"),
        ("weights", "limits: {orders_in_vain: -1}\nweights", "4:26: limits.orders_in_vain: given -1, expected 0 or more"),
        ("weights", "not_rated: [detection, mitigation]\nweights", "4:12: not_rated: holds all capabilities that have a weight: there would be no index"),
        ("weights", "rated_if_needed: [escallation]\nweights", "4:19: rated_if_needed[0]: unknown 'escallation'; did you mean 'escalation'?"),
        ("good: 1m", "good: 10m", "3:40: time.acknowledge.limit: given '15m', expected twice good or more"),
    ],
)  # fmt: skip
def test_a_rubric_is_refused(refused, old, new, line):
    assert refused(Rubric, RUBRIC, old, new) == [f"a.yaml:{line}"]
