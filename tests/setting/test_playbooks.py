"""A playbook's orders and questions against what there is: in any scenario, and in this one."""

from pathlib import Path

import pytest

from simulator.cli import call

SMALL = str(Path(__file__).parents[1] / "small" / "drill.yaml")


@pytest.fixture
def said(tmp_path, monkeypatch, capfd):
    """The exit code and the lines of `drill check` for a playbook with one step."""
    monkeypatch.chdir(tmp_path)

    def said(step, *options):
        Path("a.yaml").write_text(f"playbook: 1\nname: a\nsteps:\n  - {step}\n")
        code = call(["check", "a.yaml", *options])
        return code, capfd.readouterr().err.splitlines()

    return said


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (
            '{look: {log: "serving (.* deployed"}}',
            "4:18: steps[0].look.log: not a regular expression (RE2): 'serving (.* deployed': "
            "missing ): serving (.* deployed",
        ),
        (
            "{look: sum(}",
            "4:12: steps[0].look: unclosed left parenthesis",
        ),
    ],
)
def test_what_cannot_be_right_in_any_scenario(said, step, line):
    code, lines = said(step)
    assert (code, lines) == (2, [f"a.yaml:{line}"])
