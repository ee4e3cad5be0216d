"""`drill oncall show FILE`: who is on call, and the next hand-offs."""

import click


@click.command(epilog="Example: drill oncall show ml-platform primary --at 2026-11-01 --days 14")
@click.argument("file", metavar="FILE")
@click.argument("schedule", required=False, metavar="[SCHEDULE]")
@click.option(
    "--at",
    metavar="MOMENT",
    help="The moment; local time of each schedule unless it has an offset.  "
    "[default: now; of a scenario its start]",
)
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=7,
    show_default=True,
    help="The days after it whose hand-offs are listed.",
)
def command(file: str, schedule: str | None, at: str | None, days: int) -> None:
    """Show who is on call in each schedule of an on-call file, and the next hand-offs.

    FILE is an on-call file, a scenario, or the name of a shipped one. All times are local times of
    the schedule. A MOMENT is for example 2026-11-01T01:30, 2026-11-01 (midnight) or
    2026-11-01T01:30-05:00.
    """
    from simulator.cli.oncall_file import format_local, now, open_oncall, parse_moment, to_instant
    from simulator.cli.tables import table
    from simulator.units import DAY_MS
    from simulator.units.wording import format_count

    opened = open_oncall(file)
    moment = (opened.starts or now()) if at is None else parse_moment("--at", at)
    current, hand_offs = [], []
    for name, chosen in opened.schedules(schedule).items():
        zone = chosen.zone
        since = to_instant(moment, zone)
        shifts = opened.compile(name, since, since + days * DAY_MS)
        person = shifts.on_call(since) or "nobody"
        current.append((name, person, format_local(since, zone), zone))
        for shift in list(shifts.spans())[1:]:
            row = (name, format_local(shift.start, zone), shift.person or "nobody")
            hand_offs.append((shift.start, row))
    table(("schedule", "on call", "local time", "zone"), current)
    click.echo()
    if hand_offs:
        table(("schedule", "hand-off", "on call"), [row for _, row in sorted(hand_offs)])
    else:
        click.echo(f"no hand-off within {format_count(days, 'days')}")
