"""The files in README pass `drill check` without a warning, and its commands exist."""

import re
from pathlib import Path

import numpy as np
import pytest

from simulator.cli import call

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", README.read_text(), re.S)
WHOLE = ("drill", "playbook", "pipeline", "oncall", "rubric", "observations")
PART = {
    "injects": (
        "drill: 1\nextends: delays-in-hours.yaml\nname: part\n"
        "expect: {cause: data.missing_values}\n"
    ),
    "pipeline": "pipeline: 1\nextends: pipelines/flight-delay.yaml\nname: part\n",
}


def first_key(block):
    return block.partition(":")[0]


def rows(count=600):
    """A table with the columns that README names, over eight weeks."""
    dice = np.random.default_rng(1)
    asked = np.datetime64("2026-01-01T00:00:00") + np.sort(dice.integers(0, 56 * 86_400, count))
    yield "asked,known,customer,score,amount,region,bought"
    for number, at in enumerate(asked):
        score, amount = dice.normal(), dice.integers(1, 90)
        bought = int(score + dice.normal() > 0)
        yield f"{at},{at + 1800},{number % 90},{score:.3f},{amount},{'ns'[number % 2]},{bought}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("\n".join(rows()) + "\n")
    for block in BLOCKS:
        if first_key(block) == "playbook":
            (tmp_path / "my-playbook.yaml").write_text(block)
    return tmp_path


@pytest.mark.parametrize("block", BLOCKS, ids=first_key)
def test_a_yaml_block_of_readme_is_valid(block, folder, capsys):
    whole = first_key(block) in WHOLE
    part = PART.get(first_key(block), PART["pipeline"])
    (folder / "block.yaml").write_text(block if whole else part + block)
    code = call(["check", "block.yaml"])
    assert (code, capsys.readouterr().err) == (0, "")


def test_commands_in_readme_exist(capsys):
    named = set(re.findall(r"`drill ([a-z]+)", README.read_text()))
    assert len(named) >= 9
    for command in sorted(named):
        assert call([command, "--help"]) == 0
        assert "Example" in capsys.readouterr().out


def test_readme_names_every_extra():
    listed = re.search(
        r"optional-dependencies\]\n(.*?)\n\[", README.with_name("pyproject.toml").read_text(), re.S
    )
    extras = re.findall(r"^([a-z-]+) = \[", listed[1], re.M)
    assert len(extras) >= 8
    for extra in set(extras) - {"test"}:
        assert re.search(rf"ml-gameday\[{extra}\]|`{extra}`", README.read_text()), extra
