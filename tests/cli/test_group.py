"""The command itself: help, errors, exit codes, and the time that its help takes."""

import resource
import statistics
import subprocess
import sys

import click
import pytest

from simulator.cli import call, group
from simulator.cli.group import COMMANDS
from simulator.source import Complaint, SourceError

HELP = "import sys; from simulator.cli import call; sys.exit(call(['--help']))"


def command(monkeypatch, raises):
    """Replace every command by one that raises."""

    @click.command()
    def broken():
        raise raises

    monkeypatch.setattr(group.LazyGroup, "get_command", lambda self, ctx, name: broken)


def test_help_lists_every_command(capsys):
    assert call(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in COMMANDS)


def test_help_imports_nothing_heavy():
    heavy = ["pydantic", "yaml", "numpy", "pandas", "rich", "simpy", "matplotlib"]
    code = "import sys; from simulator.cli import call; call(['--help']); "
    code += f"print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_help_is_quick():
    def processor_seconds(code):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # Alternating, so that a busy machine slows both alike.
    pairs = [(processor_seconds(HELP), processor_seconds("pass")) for _ in range(15)]
    helped, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert helped < 6 * bare


def test_version(capsys):
    assert call(["--version"]) == 0
    assert capsys.readouterr().out.startswith("drill 0.")


def test_an_unknown_command_gets_a_suggestion(capsys):
    assert call(["chekc"]) == 2
    assert "unknown command 'chekc'; did you mean 'check'?" in capsys.readouterr().err


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
def test_each_error_is_one_line(monkeypatch, capsys, raised, code, message):
    command(monkeypatch, raised)
    assert call(["check"]) == code
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.lstrip("\n") == message


def test_an_error_of_the_program_is_raised(monkeypatch):
    command(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        call(["check"])


def test_a_broken_pipe_has_its_own_exit_code():
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
