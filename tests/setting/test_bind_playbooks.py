"""Checks of a playbook's orders and queries, alone and against a scenario."""

import json
from pathlib import Path

import pytest

from simulator.cli import call
from simulator.setting import parse
from simulator.setting.bind import bind_names
from simulator.source import SourceError

SMALL = str(Path(__file__).parents[1] / "small" / "drill.yaml")


@pytest.fixture
def check_step(tmp_path, monkeypatch, capfd):
    """The exit code and the lines of `drill check` for a playbook with one step."""
    monkeypatch.chdir(tmp_path)

    def check_step(step, *options):
        Path("a.yaml").write_text(f"playbook: 1\nname: a\nsteps:\n  - {step}\n")
        code = call(["check", "a.yaml", *options])
        return code, capfd.readouterr().err.splitlines()

    return check_step


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (
            '{look: {log: "serving (.* deployed"}}',
            "4:18: steps[0].look.log: not a regular expression (RE2): 'serving (.* deployed': "
            "missing ): serving (.* deployed",
        ),
        (
            "{act: {release: {}}}",
            "4:21: steps[0].act.release: a release of model has a version, and no build",
        ),
        (
            "{act: {release: {target: serving, version: 8}}}",
            "4:21: steps[0].act.release: a release of serving has a build, and no version",
        ),
        (
            "{act: {silence: {matchers: ['((=']}}}",
            "4:33: steps[0].act.silence.matchers[0]: bad matcher format: '((='; write name=\"value\"",
        ),
        (
            "{approve: {action: retran}}",
            "4:24: steps[0].approve.action: unknown action 'retran'; did you mean 'retrain'? "
            "(drill catalogue actions)",
        ),
        (
            "{look: sum(}",
            "4:12: steps[0].look: unclosed left parenthesis",
        ),
    ],
)
def test_errors_in_any_scenario(check_step, step, line):
    code, lines = check_step(step)
    assert (code, lines) == (2, [f"a.yaml:{line}"])


def test_arguments_of_shorthands_are_those_of_their_actions():
    """Reported in their own place, also together with errors of the format."""
    steps = [{"declare": {"severity": "SEV9"}}, {"page": {"teem": "data"}}, {"diagnos": {}}]
    playbook = {"playbook": 1, "name": "a", "steps": steps}
    with pytest.raises(SourceError) as error:
        parse(SMALL, [f"responder={json.dumps(playbook)}"])
    assert [(complaint.path, complaint.text) for complaint in error.value.complaints] == [
        (
            "responder.steps[0].declare.severity",
            "unknown 'SEV9'; expected one of SEV1, SEV2, SEV3, SEV4, SEV5",
        ),
        ("responder.steps[1].page.teem", "unknown key; did you mean 'team'?"),
        ("responder.steps[2].diagnos", "unknown key; did you mean 'diagnose'?"),
    ]


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (
            "{escalate: {to: comand}}",
            "4:21: warning: steps[0].escalate.to: there is no team 'comand' here; "
            "did you mean 'command'?",
        ),
        (
            "{tell: {to: [produt], text: hello}}",
            "4:18: warning: steps[0].tell.to[0]: there is no team or reader 'produt' here; "
            "did you mean 'product'?",
        ),
        (
            "{assign: {role: commander, to: jay}}",
            "4:36: warning: steps[0].assign.to: there is no team or person 'jay' here; "
            "expected one of ml, data, command, ana, ben, chi, dee, jo, kim",
        ),
        (
            "{act: {rollback: {target: servin}}}",
            "4:31: warning: steps[0].act.rollback.target: there is no component 'servin' here; "
            "did you mean 'serving'?",
        ),
        (
            "{act: {quarantine: {feature: nope}}}",
            "4:34: warning: steps[0].act.quarantine.feature: there is no column 'nope' here; "
            "expected one of segment, x1, x2, x3, x4, x5, x6, x7, visits, amount, season, region",
        ),
        (
            "{act: {cordon_node: {node: node-999}}}",
            "4:32: warning: steps[0].act.cordon_node.node: there is no node 'node-999' here; "
            "did you mean 'node-1'?",
        ),
        (
            "{act: {drain_node: {node: 9}}}",
            "4:31: warning: steps[0].act.drain_node.node: there is no node '9' here; "
            "expected one of node-0, node-1, node-2, node-3, node-4",
        ),
        (
            "{act: {rerun_job: {job: trian}}}",
            "4:29: warning: steps[0].act.rerun_job.job: there is no job 'trian' here; "
            "did you mean 'train'?",
        ),
        (
            "{act: {silence: {matchers: ['alertname=Slw']}}}",
            '4:33: warning: steps[0].act.silence.matchers[0]: no alert here has alertname="Slw"; '
            "did you mean 'Slow'?",
        ),
        (
            "{if: 'changes(ml_servng_build[1h]) > 0', wait: 1m}",
            "4:10: warning: steps[0].if: there is no metric 'ml_servng_build'; "
            "did you mean 'ml_serving_build'?",
        ),
        (
            "{verify: {query: 'absent(ALERTS{alertname=\"Slw\"})', within: 1m}}",
            "4:22: warning: steps[0].verify.query: the label 'alertname' of ALERTS is never 'Slw'; "
            "did you mean 'Slow'?",
        ),
    ],
)
def test_components_that_this_pipeline_lacks(check_step, step, text):
    assert check_step(step) == (0, [])
    assert check_step(step, "--with", SMALL) == (0, [f"a.yaml:{text}"])


def test_existing_components_are_accepted(check_step):
    for step in (
        "{act: {rollback: {target: serving}}}",
        "{act: {cordon_node: {node: 0}}}",
        "{act: {cordon_node: {node: node-0}}}",
        "{act: {silence: {matchers: ['alertname=~S.*']}}}",
        "{page: {team: data, about: feed, text: look}}",
        "{look: 'ALERTS{alertname=\"Slow\"}'}",
    ):
        assert check_step(step, "--with", SMALL, "--strict") == (0, []), step


def test_a_scenarios_own_playbook_must_name_its_people():
    """A shared playbook, which may be written for others, only gets a warning."""
    steps = [
        {"escalate": {"to": "comand"}},
        {"tell": {"to": ["product", "dat"], "text": "x"}},
        {"assign": {"role": "commander", "to": "kym"}},
        {"approve": {"action": "retrain", "team": "mll"}},
    ]
    playbook = {"playbook": 1, "name": "a", "steps": steps}
    document, scenario = parse(SMALL, [f"responder={json.dumps(playbook)}"])
    with pytest.raises(SourceError) as raised:
        bind_names(document, scenario)
    texts = [complaint.text for complaint in raised.value.complaints]
    assert texts == [
        "unknown team 'comand'; did you mean 'command'?",
        "unknown team or reader 'dat'; did you mean 'data'?",
        "unknown team or person 'kym'; did you mean 'kim'?",
        "unknown team 'mll'; did you mean 'ml'?",
    ]
