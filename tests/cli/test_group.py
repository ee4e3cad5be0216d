"""The command itself: help, mistakes, exit codes, and how long its help takes."""

import statistics
import subprocess
import sys
import time

import click
import pytest

from simulator.cli import call, group
from simulator.cli.group import COMMANDS
from simulator.source import Complaint, SourceError

HELP = "import sys; from simulator.cli import call; sys.exit(call(['--help']))"


def command(monkeypatch, raises):
    """Put a command of that name in, which raises."""

    @click.command()
    def broken():
        raise raises

    monkeypatch.setattr(group.Lazy, "get_command", lambda self, ctx, name: broken)


def test_help_lists_every_command(capsys):
    assert call(["--help"]) == 0
    output = capsys.readouterr().out
    assert all(f"  {name} " in output for name in COMMANDS)


def test_help_imports_nothing_heavy():
    heavy = ["pydantic", "yaml", "numpy", "pandas", "rich", "simpy", "matplotlib"]
    code = "import sys; from simulator.cli import call; call(['--help']); "
    code += f"print([name for name in {heavy} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_help_is_quick():
    def seconds(code):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - start

    # In turns, so that a busy machine slows both alike.
    pairs = [(seconds(HELP), seconds("pass")) for _ in range(15)]
    helped, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert helped < 6 * bare


def test_version(capsys):
    assert call(["--version"]) == 0
    assert capsys.readouterr().out.startswith("drill 0.")


def test_an_unknown_command_is_answered_with_the_nearest(capsys):
    assert call(["chekc"]) == 2
    assert "no command 'chekc'; did you mean 'check'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (
            SourceError([Complaint("b.yaml", 1, 1, "", "x"), Complaint("a.yaml", 2, 3, "k", "y")]),
            2,
            "a.yaml:2:3: k: y\nb.yaml:1:1: x\n",
        ),
        (OSError(28, "No space left on device", "out/log.jsonl"), 2,
         "drill: out/log.jsonl: No space left on device\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (KeyboardInterrupt("interrupted; so far: out/log.jsonl"), 130,
         "interrupted; so far: out/log.jsonl\n"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said_in_lines(monkeypatch, capsys, raised, code, message):
    command(monkeypatch, raised)
    assert call(["check"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.lstrip("\n") == message


def test_a_bug_of_ours_is_not_hidden(monkeypatch):
    command(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        call(["check"])


def test_nobody_reading_on_is_no_failed_responder():
    code = "import sys; from simulator.cli import call; sys.exit(call(['catalogue', 'faults']))"
    piped = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    piped.stdout.close()
    assert piped.wait(60) == 141
    assert piped.stderr.read() == ""


@pytest.mark.parametrize("name", ["check", "schema", "list", "catalogue"])
def test_every_command_has_an_example(name, capsys):
    assert call([name, "--help"]) == 0
    assert f"Example: drill {name}" in capsys.readouterr().out
