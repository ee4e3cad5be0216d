"""`drill list`: the shipped drills and playbooks."""

import click


@click.command(epilog="Example: drill list")
def command() -> None:
    """List the shipped drills and playbooks."""
    from simulator.cli.tables import table
    from simulator.source import load, shipped_files

    order = {"easy": 0, "medium": 1, "hard": 2}
    drills = [(name, load(file).plain()) for name, file in shipped_files("drill").items()]
    drills.sort(key=lambda drill: (order.get(drill[1].get("difficulty", "medium"), 1), drill[0]))
    table(
        ("drill", "type", "family", "difficulty", "title"),
        [
            (
                name,
                drill.get("type", ""),
                drill.get("family", ""),
                drill.get("difficulty", "medium"),
                drill.get("title", ""),
            )
            for name, drill in drills
        ],
    )
    playbooks = [(name, load(file).plain()) for name, file in shipped_files("playbook").items()]
    click.echo()
    table(
        ("playbook", "type", "starts on", "title"),
        [
            (
                name,
                playbook.get("type", ""),
                ", ".join((playbook.get("starts_on") or {}).get("alerts", ["any page"])),
                playbook.get("title", ""),
            )
            for name, playbook in playbooks
        ],
    )
