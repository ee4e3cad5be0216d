"""`drill check`: everything that is wrong with files of any of our formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: drill check scenarios/*.yaml alerts/serving.yml")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
def command(files: tuple[str, ...]) -> int:
    """Say everything that is wrong with files.

    FILE is a scenario, pipeline, playbook, on-call file, rubric, Prometheus rule file or
    Alertmanager configuration, recognised by its first key; or the name of a shipped one. A
    scenario is bound to everything it names. Exit code 2 if anything is wrong.
    """
    from simulator.source import Complaints, locate, shown

    complaints = Complaints()
    for name in files:
        before = len(complaints.found)
        with complaints.gathered():
            file = locate(name)
            noun = check(file)
        if len(complaints.found) == before:
            click.echo(f"ok {shown(file)} ({noun})")
    complaints.settle()
    return 0


def check(file: Path) -> str:
    """What a file is, if nothing is wrong with it."""
    from simulator.cli.formats import FOREIGN, FORMATS, actions, bound, faults, foreign
    from simulator.scenario import unbound
    from simulator.source import Complaints, kind_of, load, validate

    kind = kind_of(file)
    document = load(file, aliases=kind in FOREIGN)
    if kind is None:
        expected = ", ".join((*FORMATS, *FOREIGN))
        raise document.refuse((), f"not a format of ours: expected one of the keys {expected}")
    if kind in FOREIGN:
        foreign(kind, document)
        return FOREIGN[kind]
    name, model = FORMATS[kind]
    complaints = Complaints()
    with complaints.gathered():
        validate(document, model)
    if complaints.found and kind == "drill":
        complaints.found += unbound(document, faults(), actions())
    complaints.settle()
    bound(kind, document)
    return name
