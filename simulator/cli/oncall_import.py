"""`drill oncall import FILE`: an on-call file from what other tools export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime


@click.command(epilog="Example: drill oncall import state.json --out oncall.yaml")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the on-call file there.  [default: standard output]",
)
@click.option("--force", is_flag=True, help="Overwrite the file under --out.")
@click.option("--name", metavar="NAME", help="The organisation's name.  [default: FILE's name]")
@click.option(
    "--from",
    "since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The first day of overrides for shifts that no layer has.  [default: the newest start]",
)
@click.option(
    "--days",
    type=click.IntRange(1, 3660),
    default=366,
    show_default=True,
    help="The days for which there are such overrides.",
)
def command(
    file: Path, out: Path | None, force: bool, name: str | None, since: datetime | None, days: int
) -> None:
    """Make an on-call file of a Terraform state or plan, or of a calendar.

    FILE is the output of terraform show -json, with the users, schedules and escalation policies
    of PagerDuty, Grafana OnCall or incident.io; or a calendar file (.ics), which is copied beside
    the on-call file.

    Everything that is not carried over, or only nearly, is named on standard error, and in
    comments in the file.
    """
    from simulator.oncall.imports import Notes, Period, import_file

    if out is not None and out.exists():
        if out.resolve() == file.resolve():
            raise click.UsageError(f"{out} is the imported file itself")
        if not force:
            raise click.UsageError(f"{out} exists; --force overwrites it")
    notes = Notes(file)
    period = Period(None if since is None else since.date(), days)
    text, copies = import_file(file, name, notes, period)
    for copy, content in copies.items():
        if out is None:
            click.echo(f"warning: {copy} has to stand beside the on-call file", err=True)
            continue
        beside = out.with_name(copy)
        if beside.resolve() != file.resolve():
            if beside.exists() and not force and not _holds(beside, content):
                raise click.UsageError(f"{beside} exists; --force overwrites it")
            beside.write_text(content, encoding="utf-8", newline="")
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        click.echo(f"on-call file {out}")
    for remark in notes.remarks:
        click.echo(f"warning: {remark}", err=True)


def _holds(file: Path, content: str) -> bool:
    """Whether a file has this content already."""
    return file.is_file() and file.read_bytes() == content.encode("utf-8")
