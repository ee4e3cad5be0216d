"""`drill rules`: when every rule fired in a run, why, and whom it paged."""

import json
from pathlib import Path

import pytest

from simulator.cli import call
from tests.small.playing import SLOW

SMALL = Path(__file__).parents[1] / "small"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of a small scenario that `drill rules` played."""
    home = tmp_path_factory.mktemp("rules")
    for file in SMALL.glob("*.y*ml"):
        (home / file.name).write_text(file.read_text())
    drill = (home / "drill.yaml").read_text().replace("duration: 40m", "duration: 30m")
    (home / "drill.yaml").write_text(drill + f"injects: {json.dumps([SLOW])}\n")
    played = home / "run"
    assert call(["rules", str(home / "drill.yaml"), "--out", str(played), "--json"]) == 0
    return played


@pytest.fixture
def report(folder, capsys):
    assert call(["rules", str(folder), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_scenario_is_played_with_its_twins(folder):
    assert (folder / "log.jsonl").is_file()
    assert sorted(path.name for path in (folder / "twins").iterdir()) == ["no-fault", "none"]


def test_a_rule_has_its_cause_and_recipients(report):
    assert report["onset_seconds"] == 600
    slow = next(rule for rule in report["rules"] if rule["rule"] == "Slow")
    (alert,) = slow["alerts"]
    assert (alert["pending_seconds"], alert["firing_seconds"]) == (660, 720)
    assert alert["until_seconds"] is None
    assert alert["because_of"] == "slow"
    assert [entry["who"] for entry in alert["notified"]] == ["pager"]
    assert alert["paged"][0]["who"] == "ml/ana"
    # The expression held before the next evaluation, and long before `for`.
    assert 600 < slow["at_best_seconds"] <= 660


def test_a_rule_that_never_fired_is_listed_too(report):
    nulls = next(rule for rule in report["rules"] if rule["rule"] == "Nulls")
    assert nulls["alerts"] == []
    assert nulls["at_best_seconds"] is None


def test_a_run_without_its_twins_has_no_causes(folder, tmp_path, capsys):
    import shutil

    shutil.copytree(folder, tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "twins")
    assert call(["rules", str(tmp_path / "run"), "--json"]) == 0
    rules = json.loads(capsys.readouterr().out)["rules"]
    assert {alert["because_of"] for rule in rules for alert in rule["alerts"]} == {None}


def test_piped_it_is_a_plain_table(folder, capsys):
    assert call(["rules", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "the first fault began at 00:10:00"
    assert " ".join(lines[2].split()) == "rule pending firing until cause earliest paged"
    slow = next(line for line in lines if line.startswith("Slow"))
    assert slow.split()[1:5] == ["00:11:00", "00:12:00", "still", "slow"]
    assert slow.endswith("ml/ana, ml/ben, ml/chi") or "ml/ana" in slow


def test_a_killed_run_is_reported_as_cut_off(folder, tmp_path, capsys):
    lines = (folder / "log.jsonl").read_text().splitlines(keepends=True)
    fired = next(n for n, line in enumerate(lines) if '"state":"firing"' in line)
    (tmp_path / "log.jsonl").write_text("".join(lines[: fired + 1]))
    (tmp_path / "inputs").symlink_to(folder / "inputs")
    assert call(["rules", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("the run was cut off at 00:12:00: what happened later is unknown")
    assert "cut off" in next(line for line in out.splitlines() if line.startswith("Slow"))
    assert "not yet" in next(line for line in out.splitlines() if line.startswith("Nulls"))
    assert call(["rules", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cut_off_seconds"] == 720


def test_an_unknown_scenario_is_one_line(capsys):
    assert call(["rules", "no-such-drill"]) == 2
    assert "no scenario 'no-such-drill'" in capsys.readouterr().err


def test_it_has_an_example(capsys):
    assert call(["rules", "--help"]) == 0
    assert "Example: drill rules" in capsys.readouterr().out
