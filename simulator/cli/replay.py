"""`drill replay`: simulate a past run again from its folder, and compare the digests."""

from pathlib import Path

import click


@click.command(epilog="Example: drill replay reports/first-shift-1")
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
def command(folder: Path) -> int:
    """Simulate a past run again and compare the events.

    RUN is a run's folder. It is simulated again from its inputs, with its orders at their
    recorded times; the events must be the same. The exit code is 1 if they are not.
    """
    from simulator import __version__
    from simulator.cli.past_run import open_run
    from simulator.play.twins import play_again
    from simulator.run import RunError
    from simulator.setting import inputs, load

    past = open_run(folder, twins=False)
    if not past.complete:
        until = past.events[-1].t // 1000 if past.events else 0
        text = f"interrupted after {until} s; only complete runs can be replayed"
        raise RunError(f"{folder}: {text}")
    program = past.header.programs.get("ml-gameday", "an unknown version")
    if program != __version__:
        # Another program may rightly simulate something else.
        raise RunError(f"{folder}: made by ml-gameday {program}, this is {__version__}")
    setting = load(inputs.scenario_file(folder))
    replayed = play_again(setting, past)
    if replayed.digest == past.digest:
        click.echo(f"the same: digest {replayed.digest}, {len(replayed.events)} events")
        return 0
    click.echo(f"not the same: digest {replayed.digest}, originally {past.digest}")
    before = [event for event in past.events if event.in_digest]
    now = [event for event in replayed.events if event.in_digest]
    pairs = zip(before, now, strict=False)
    difference = next(((old, new) for old, new in pairs if old != new), None)
    if difference is not None:
        for label, event in zip(("original", "replay  "), difference, strict=True):
            click.echo(f"{label}  {event.t // 1000} s {event.kind} {event}")
    return 1
