"""`drill replay`: simulate a past run again from its folder, and compare."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="Example: drill replay reports/first-shift-1")
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
def command(folder: Path) -> int:
    """Simulate a past run again and compare.

    RUN is a run's folder. Its inputs are bound anew and its orders given at the times at
    which they were given then; the same things must happen. Exit code 1 if they do not.
    """
    from simulator.responders.replay import Replay
    from simulator.run import OUTSIDE_DIGEST, Run
    from simulator.setting import inputs, load
    from simulator.twins import play

    past = Run.open(folder, twins=False)
    if not past.complete:
        until = past.events[-1].t // 1000 if past.events else 0
        click.echo(f"{folder}: interrupted after {until} s; there is no whole run to compare with")
        return 1
    setting = load(inputs.scenario_of(folder))
    twin = past.header["twin"] or ""
    again = play(
        setting, past.header["seed"], Replay(past), name=past.header["responder"], twin=twin
    )
    if again.digest == past.digest:
        click.echo(f"the same: digest {again.digest}, {len(again.events)} events")
        return 0
    click.echo(f"not the same: digest {again.digest}, it was {past.digest}")
    then = [event for event in past.events if event.kind not in OUTSIDE_DIGEST]
    now = [event for event in again.events if event.kind not in OUTSIDE_DIGEST]
    first = next(((a, b) for a, b in zip(then, now, strict=False) if a != b), None)
    if first is not None:
        click.echo(f"then  {first[0].t // 1000} s {first[0].kind} {dict(first[0].data)}")
        click.echo(f"now   {first[1].t // 1000} s {first[1].kind} {dict(first[1].data)}")
    return 1
