"""`drill oncall export FILE SCHEDULE`: a schedule as a calendar file."""

from pathlib import Path

import click

DAYS_MAX = 20 * 366


@click.command(
    epilog="Example: drill oncall export ml-platform primary --from 2026-03-01 --until 2026-06-01 "
    "--out primary.ics"
)
@click.argument("file", metavar="FILE")
@click.argument("schedule", metavar="SCHEDULE")
@click.option(
    "--from",
    "start",
    metavar="DAY",
    help="The first day.  [default: today; of a scenario its start]",
)
@click.option("--until", metavar="DAY", help="The day after the last.  [default: 90 days later]")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to this file.  [default: standard output]",
)
@click.option("--force", is_flag=True, help="Overwrite the file under --out.")
def command(
    file: str, schedule: str, start: str | None, until: str | None, out: Path | None, force: bool
) -> None:
    """Write the shifts of a schedule as a calendar file (iCalendar, .ics).

    FILE is an on-call file, a scenario, or the name of a shipped one. Every shift is an event in
    UTC whose summary is the person on call: calendars show it, and `ical:` of a schedule reads it.
    A DAY begins at midnight in the schedule's zone; a moment such as 2026-03-01T09:00 is possible,
    too.
    """
    from simulator.cli.oncall_file import now, open_oncall, parse_moment, to_instant
    from simulator.oncall.ical.export_ical import export_ical
    from simulator.units import DAY_MS

    if out is not None and out.exists() and not force:
        raise click.UsageError(f"{out} exists; --force overwrites it")
    opened = open_oncall(file)
    ((name, chosen),) = opened.schedules(schedule).items()
    zone = chosen.zone
    moment = (opened.starts or now()) if start is None else parse_moment("--from", start)
    since = to_instant(moment, zone)
    end = since + 90 * DAY_MS
    if until is not None:
        end = to_instant(parse_moment("--until", until), zone)
    if end <= since:
        raise click.BadParameter(f"{until!r} is not after the start", param_hint="--until")
    if end - since > DAYS_MAX * DAY_MS:
        raise click.BadParameter("is more than 20 years after the start", param_hint="--until")
    text = export_ical(opened.compile(name, since, end), name, zone)
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8", newline="")
