"""The group of commands: listed from a table, imported when called."""

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import click

from simulator import __version__

# Importing them all would slow `drill --help` to over a second (pydantic, numpy, rich).
COMMANDS = {
    "run": "Run a drill and show how it went.",
    "show": "Show how a past run went.",
    "grade": "Grade a past run again, under another rubric and with what people saw.",
    "query": "Evaluate PromQL over the series of a past run.",
    "replay": "Simulate a past run again and compare the events.",
    "check": "Check files, and report every error.",
    "rules": "Show when every alert rule fired in a run, why, and whom it paged.",
    "export": "Write a run's series and alerts for a real Prometheus.",
    "oncall": "Show, export and import on-call schedules.",
    "list": "List the shipped drills and playbooks.",
    "catalogue": "List the parts: faults, actions, debts, monitors, measures, signals.",
    "schema": "Print the JSON Schema of a format, for editors.",
}
BAD_INPUT, INTERRUPTED, BROKEN_PIPE = 2, 130, 141


class LazyGroup(click.Group):
    """A group that imports a command's module only to call it or to show its help.

    Parameters
    ----------
    table : mapping of str to str
        The commands' lines of help by name.
    module : str
        The start of their modules' names: each is `command` in such a module.
    """

    def __init__(self, table: Mapping[str, str], module: str, **options: Any) -> None:
        super().__init__(**options)
        self.table, self.module = table, module

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.table:
            return None
        command = importlib.import_module(self.module + name).command
        assert isinstance(command, click.Command), f"{self.module}{name}.command"
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.table:
            from simulator.units import did_you_mean

            ctx.fail(f"unknown command {args[0]!r}{did_you_mean(args[0], self.table)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.table.items()))


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    module="simulator.cli.",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: drill run first-shift",
)
@click.version_option(__version__, message="drill %(version)s (ml-gameday)")
def group() -> None:
    """Game days for machine-learning pipelines: inject faults and watch the response."""


def call(args: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; each error is one line.

    Examples
    --------
    >>> call(["--version"])
    drill ... (ml-gameday)
    0
    """
    try:
        if "_DRILL_COMPLETE" in os.environ:
            group.main(prog_name="drill")
        # Not group.main(): its exit code for a broken pipe is 1, which means that the responder
        # failed.
        with group.make_context("drill", list(sys.argv[1:] if args is None else args)) as context:
            code = group.invoke(context)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except (click.Abort, KeyboardInterrupt) as error:
        # A command may add where the log is.
        return _fail(str(error) or "interrupted", INTERRUPTED)
    except BrokenPipeError:
        # `drill catalogue | head`: keep Python from reporting it again at its exit.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return BROKEN_PIPE
    except Exception as error:
        return _user_error(error)


def _user_error(error: Exception) -> int:
    """Print a user's error and return its exit code; raise an error of the program again."""
    from simulator.registry import PartError, UnknownPart
    from simulator.run import RunError
    from simulator.source import SourceError

    if isinstance(error, SourceError):
        for complaint in error.complaints:
            click.echo(str(complaint), err=True)
        return BAD_INPUT
    if isinstance(error, OSError):
        file = f"{error.filename}: " if error.filename else ""
        return _fail(f"drill: {file}{error.strerror or error}", BAD_INPUT)
    if isinstance(error, PartError | UnknownPart | RunError):
        return _fail(f"drill: {error}", BAD_INPUT)
    raise error


def _fail(text: str, code: int) -> int:
    click.echo(text, err=True)
    return code


def main() -> NoReturn:
    """The console script."""
    sys.exit(call())
