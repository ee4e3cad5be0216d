"""`drill check`: files of every format, every error at once."""

import pytest

from simulator.cli import call
from simulator.source import shipped_files

RUBRIC = "rubric: 1\nname: x\nweights: {detection: 1}\n"


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def check(**files):
        names = []
        for stem, content in files.items():
            path = tmp_path / f"{stem}.yaml"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            names.append(path.name)
        code = call(["check", *names])
        output = capsys.readouterr()
        return code, output.out.splitlines(), output.err.splitlines()

    return check


def test_valid_files_are_ok(check):
    assert check(a=RUBRIC) == (0, ["ok a.yaml (rubric)"], [])


def test_all_files_are_checked(check):
    assert check(a="rubric: 1\nrubric: 1\n", b=RUBRIC, c="") == (
        2,
        ["ok b.yaml (rubric)"],
        [
            "a.yaml:1:1: name: is missing: the rubric's name",
            "a.yaml:1:1: weights: is missing: the share of each capability in the index",
            "a.yaml:2:1: rubric: duplicate key 'rubric'; the first is on line 1",
            "c.yaml:1:1: the file is empty",
        ],
    )


def test_a_file_of_an_unknown_format(check):
    assert check(a="hello: world\n")[2] == [
        "a.yaml:1:1: unknown format: expected one of the keys "
        "drill, pipeline, playbook, oncall, rubric, observations, groups, route"
    ]


def test_a_file_may_leave_its_first_key_to_what_it_extends(check):
    code, texts, _ = check(a=RUBRIC, b="extends: a.yaml\nname: y\n")
    assert (code, texts) == (0, ["ok a.yaml (rubric)", "ok b.yaml (rubric)"])


def test_a_scenario_that_names_an_on_call_file_may_do_so_too(check):
    changed = "extends: first-shift.yaml\nname: y\noncall: oncall/small-team.yaml\n"
    assert check(a=changed)[1] == ["ok a.yaml (scenario)"]


PLAYBOOK = """\
playbook: 1
name: x
title: X
steps:
  - look: up
    as: release
  - diagnose: {cause: data.unit_chang}
  - act: {diagnose: {cause: model.unit_change}}
  - diagnose: {cause: "${release.cause}"}
  - diagnose: {cause: unit_change}
"""


def test_causes_of_a_playbook_are_in_the_catalogue(check):
    code, _, lines = check(a=PLAYBOOK)
    listing = "(drill catalogue faults)"
    meant = f"did you mean 'data.unit_change'? {listing}"
    assert code == 2
    assert lines == [
        f"a.yaml:7:23: steps[1].diagnose.cause: unknown cause 'data.unit_chang'; {meant}",
        f"a.yaml:8:29: steps[2].act.diagnose.cause: unknown cause 'model.unit_change'; {meant}",
    ]


def test_an_unknown_fault_is_reported_with_all_other_errors(check):
    text = "drill: 1\nname: x\ninjects: [{at: 5, fault: memory_leek}]\n"
    code, _, lines = check(a=text)
    assert code == 2
    assert (
        "a.yaml:3:26: injects[0].fault: unknown fault 'memory_leek'; "
        "did you mean 'memory_leak'? (drill catalogue faults)"
    ) in lines
    assert any(line.startswith("a.yaml:3:16: injects[0].at: 5 is not a duration") for line in lines)
    assert any(line.startswith("a.yaml:1:1: objectives: is missing") for line in lines)


def test_an_unknown_action_in_a_playbook(check):
    text = "playbook: 1\nname: x\nsteps: [{act: {roll_back: {}}}]\n"
    assert check(a=text)[2] == [
        "a.yaml:3:16: steps[0].act.roll_back: unknown action 'roll_back'; "
        "did you mean 'rollback'? (drill catalogue actions)"
    ]


def test_rules_and_routing_are_read_as_by_the_real_programs(check):
    rules = "groups: [{name: g, rules: [{alert: A, expr: 'up =='}]}]\n"
    code, _, lines = check(a=rules, b="route: {receiver: nobody}\n")
    assert code == 2
    assert [line.split(":")[0] for line in lines] == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize(
    "kind", ["drill", "pipeline", "playbook", "oncall", "rubric", "groups", "route"]
)
def test_shipped_files_are_valid(kind, capsys):
    files = list(map(str, shipped_files(kind).values()))
    assert not files or call(["check", *files]) == 0, capsys.readouterr().err


def test_a_shipped_file_is_found_by_its_name(capsys):
    assert call(["check", "default"]) == 0
    assert call(["check", "defualt"]) == 2
    assert capsys.readouterr().err == "defualt: no file 'defualt'; did you mean 'default'?\n"


def test_a_number_of_a_playbook_is_no_reference(check):
    steps = "steps: [{look: up, as: x}, {act: {scale: {replicas: '${x.value}'}}}]\n"
    assert check(a=f"playbook: 1\nname: x\n{steps}")[2] == [
        "a.yaml:3:53: steps[1].act.scale.replicas: "
        "a reference is filled in as text; expected a whole number"
    ]
