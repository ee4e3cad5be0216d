"""Scenarios with overrides of the command line: file names, and invalid values."""

import pytest

from simulator.cli import call
from simulator.run.folder import atomic_write
from simulator.setting import parse
from simulator.source import SourceError


@pytest.mark.parametrize("name", ["latency", "playbooks/latency.yaml"])
def test_a_file_named_on_the_command_line_is_read(name):
    assert parse("expired-key", [f"responder={name}"])[1].responder.name == "latency"
    assert parse("expired-key", ["pipeline=synthetic"])[1].pipeline.name == "synthetic"


@pytest.mark.parametrize("override, text", [
    ("responder=nope.yaml", "responder: no playbook 'nope.yaml' (drill list)"),
    ("rubric=nope.yaml", "rubric: no rubric 'nope.yaml'"),
    ("pipeline=../x.yaml", "pipeline: '../x.yaml' leaves the scenario's folder; put the file there, or name a shipped one"),
    ("injects=5", "injects: given 5, expected a list"),
    ("duration=0s", "duration: given '0s', expected more"),
    ("starts_at=9999-12-31T23:59:00-04:00", "starts_at: '9999-12-31T23:59:00-04:00' is not a moment between the years 1970 and 2200"),
])  # fmt: skip
def test_an_invalid_override_is_one_line(override, text):
    with pytest.raises(SourceError) as raised:
        parse("first-shift", [override])
    assert [str(complaint) for complaint in raised.value.complaints] == [
        f"--set {override}: {text}"
    ]


@pytest.mark.parametrize("name, text", [
    (".", ".: is a folder, expected a file"),
    ("/dev/null", "/dev/null: is not a regular file"),
    ("/nowhere/x.yaml", "/nowhere/x.yaml: no such file"),
])  # fmt: skip
def test_an_argument_that_is_not_a_file(name, text, capsys):
    assert call(["check", name]) == 2
    assert capsys.readouterr().err.strip() == text


BROKEN = """\
drill: 1
extends: first-shift
name: broken
alerting: {rules: [rules.yml], alertmanager: am.yml}
injects: [{at: 30m, message: {from: product, to: primry, text: hi}}]
pipeline:
  extends: pipelines/flight-delay.yaml
  stages: {serving: {plays: kserv}}
"""


def test_an_unreadable_file_causes_no_complaints_about_its_names(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.yaml").write_text(BROKEN)
    (tmp_path / "rules.yml").write_text("groups: [{name: x, rules: [{alert: A, expr: 'up =='}]}]")
    (tmp_path / "am.yml").write_text("route: {receiver: nobody}\n")
    assert call(["check", "broken.yaml"]) == 2
    lines = [line.split(": ", 2) for line in capsys.readouterr().err.splitlines()]
    assert [line[0].partition(":")[0] for line in lines] == ["am.yml", "broken.yaml", "broken.yaml", "rules.yml"]  # fmt: skip
    assert lines[1][1:] == ["injects[0].message.to", "unknown recipient 'primry'; did you mean 'primary'?"]  # fmt: skip
    assert lines[2][1] == "pipeline.stages.serving.plays"


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("as it was")

    def half():
        with atomic_write(path) as part:
            part.write_text("half")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        half()
    assert [file.read_text() for file in tmp_path.iterdir()] == ["as it was"]
