"""`drill oncall`: the schedules of on-call files."""

import click

from simulator.cli.group import LazyGroup

COMMANDS = {
    "show": "Show who is on call, and the next hand-offs.",
    "export": "Write a schedule as a calendar file.",
    "import": "Make an on-call file of a Terraform state, plan or calendar.",
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    module="simulator.cli.oncall_",
    epilog="Example: drill oncall show ml-platform --at 2026-11-01T01:30",
)
def command() -> None:
    """Show, export and import on-call schedules."""
