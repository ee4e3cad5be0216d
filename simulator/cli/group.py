"""The group of commands: listed from a table, imported when called."""

import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from simulator import __version__

# Each is the `command` of the module of that name: importing them all would take `drill --help`
# over a second (pydantic, numpy, rich).
COMMANDS = {
    "run": "Run a drill and tell how it went.",
    "show": "Tell again how a past run went.",
    "replay": "Simulate a past run again and compare.",
    "check": "Say everything that is wrong with files.",
    "rules": "Say what every alert rule did in a run, why, and whom it paged.",
    "export": "Write a run's series and alerts for a real Prometheus.",
    "list": "List the drills and playbooks that are shipped.",
    "catalogue": "List the parts: faults, actions, monitors, measures, signals.",
    "schema": "Print the JSON Schema of a format, for editors.",
}
BAD_INPUT, INTERRUPTED, BROKEN_PIPE = 2, 130, 141


class Lazy(click.Group):
    """A group that imports a command's module only to call it or to show its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        found = importlib.import_module(f"simulator.cli.{name}").command
        assert isinstance(found, click.Command), f"simulator.cli.{name}.command"
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            ctx.fail(f"no command {args[0]!r}{_meant(args[0])}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: drill run first-shift",
)
@click.version_option(__version__, message="drill %(version)s (ml-gameday)")
def group() -> None:
    """Game days for machine-learning pipelines: break one on purpose and see who answers."""


def call(args: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; what went wrong is one line each.

    Examples
    --------
    >>> call(["--version"])
    drill ... (ml-gameday)
    0
    """
    try:
        if "_DRILL_COMPLETE" in os.environ:
            group.main(prog_name="drill")
        # Not group.main(): it ends with 1 when nobody reads on, and 1 is taken: it means that
        # the responder failed.
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
        # A command may say more: where the log of what happened so far is.
        return _say(str(error) or "interrupted", INTERRUPTED)
    except BrokenPipeError:
        # `drill catalogue | head`: keep Python from complaining of it again at its exit.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return BROKEN_PIPE
    except Exception as error:
        return _mistake(error)


def _mistake(error: Exception) -> int:
    """The exit code of a user's mistake; ours is raised again."""
    from simulator.registry import PartError, UnknownPart
    from simulator.run import RunError
    from simulator.source import SourceError

    if isinstance(error, SourceError):
        for complaint in error.complaints:
            click.echo(str(complaint), err=True)
        return BAD_INPUT
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return _say(f"drill: {where}{error.strerror or error}", BAD_INPUT)
    if isinstance(error, PartError | UnknownPart | RunError):
        return _say(f"drill: {error}", BAD_INPUT)
    raise error


def _say(text: str, code: int) -> int:
    click.echo(text, err=True)
    return code


def _meant(name: str) -> str:
    import difflib

    found = difflib.get_close_matches(name, COMMANDS, n=1)
    return f"; did you mean {found[0]!r}?" if found else f"; expected one of {', '.join(COMMANDS)}"


def main() -> NoReturn:
    """The console script."""
    sys.exit(call())
