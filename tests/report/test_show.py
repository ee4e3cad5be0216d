"""`drill show`: a past run told again."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import call
from simulator.cli.show import command
from tests.score.story import answered


def test_a_run_is_told_from_its_folder(tmp_path: Path):
    answered().run(folder=tmp_path)
    found = CliRunner().invoke(command, [str(tmp_path)])
    assert found.exit_code == 0
    assert "PASSED" in found.output
    assert "acknowledges" in found.output


def test_the_page_is_written_anew(tmp_path: Path):
    answered().run(folder=tmp_path)
    found = CliRunner().invoke(command, [str(tmp_path), "--html"])
    assert (tmp_path / "report.html").is_file()
    assert found.output.rstrip().endswith("report.html")


def test_json_stands_alone_on_standard_output(tmp_path: Path):
    answered().run(folder=tmp_path)
    found = CliRunner().invoke(command, [str(tmp_path), "--json", "--html"])
    assert json.loads(found.stdout)["verdict"] == "pass"


@pytest.mark.parametrize("columns, most", [("70", 70), ("140", 140), ("", 110), ("wide", 110)])
def test_piped_it_is_as_wide_as_columns_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys, columns: str, most: int
):
    long = "word " * 60
    answered().at(50, "message", "product", to="primary", text=long).run(folder=tmp_path)
    monkeypatch.setenv("COLUMNS", columns)
    assert call(["show", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert most - 5 <= max(len(line) for line in lines) <= most


def test_no_run_is_one_line(tmp_path: Path, capsys):
    assert call(["show", str(tmp_path / "nothing")]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"drill: {tmp_path}/nothing: not a run's folder")


def test_a_damaged_run_is_not_asked_which_other_was_meant(tmp_path: Path, capsys):
    (tmp_path / "log.jsonl").write_text("no event\n")
    assert call(["show", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"drill: {tmp_path}/log.jsonl:1: not a valid event\n"


def test_the_name_of_a_drill_is_no_run_but_can_be_played(capsys):
    assert call(["show", "first-shift"]) == 2
    assert "it is a scenario, which `drill run first-shift` plays" in capsys.readouterr().err
