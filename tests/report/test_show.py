"""`drill show`: reports of a past run."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import call
from simulator.cli.show import command
from tests.analysis.story import answered


def test_a_run_is_shown_from_its_folder(tmp_path: Path):
    answered().run(folder=tmp_path)
    result = CliRunner().invoke(command, [str(tmp_path)])
    assert result.exit_code == 0
    assert "PASSED" in result.output
    assert "acknowledges" in result.output


def test_the_page_is_rewritten(tmp_path: Path):
    answered().run(folder=tmp_path)
    result = CliRunner().invoke(command, [str(tmp_path), "--html"])
    assert (tmp_path / "report.html").is_file()
    assert f"report  {tmp_path}/report.html" in result.output


def test_the_commands_that_repeat_it_come_last(tmp_path: Path):
    answered(command="drill run 'my drill.yaml' --seed 7").run(folder=tmp_path)
    lines = CliRunner().invoke(command, [str(tmp_path), "--html"]).output.splitlines()
    assert lines[-2:] == [
        "again   drill run 'my drill.yaml' --seed 7", f"replay  drill replay {tmp_path}"
    ]  # fmt: skip
    page = (tmp_path / "report.html").read_text()
    assert "drill run &#39;my drill.yaml&#39; --seed 7" in page
    assert f"drill replay {tmp_path}" in page


def test_json_stands_alone_on_standard_output(tmp_path: Path):
    answered().run(folder=tmp_path)
    result = CliRunner().invoke(command, [str(tmp_path), "--json", "--html"])
    assert json.loads(result.stdout)["verdict"] == "pass"


@pytest.mark.parametrize("columns, width", [("70", 70), ("140", 140), ("", 110), ("wide", 110)])
def test_piped_it_is_as_wide_as_columns_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys, columns: str, width: int
):
    long = "word " * 60
    answered().at(50, "message", "product", to="primary", text=long).run(folder=tmp_path)
    monkeypatch.setenv("COLUMNS", columns)
    assert call(["show", str(tmp_path)]) == 0
    # A command to copy is never wrapped.
    lines = capsys.readouterr().out.splitlines()[:-1]
    assert width - 5 <= max(len(line) for line in lines) <= width


def test_no_run_is_one_line(tmp_path: Path, capsys):
    assert call(["show", str(tmp_path / "nothing")]) == 2
    (message,) = capsys.readouterr().err.splitlines()
    assert message.startswith(f"drill: {tmp_path}/nothing: not a run's folder")


def test_a_damaged_run_gets_no_suggestion(tmp_path: Path, capsys):
    (tmp_path / "log.jsonl").write_text("not an event\n")
    assert call(["show", str(tmp_path)]) == 2
    (message,) = capsys.readouterr().err.splitlines()
    assert message.startswith(f"drill: {tmp_path}/log.jsonl:1: not a valid event")


def test_the_name_of_a_drill_suggests_drill_run(capsys):
    assert call(["show", "first-shift"]) == 2
    assert "it is a drill; play it with `drill run first-shift`" in capsys.readouterr().err
