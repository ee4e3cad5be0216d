"""`drill check`: everything that is wrong with files of any of our formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

    from simulator.cli.formats import Against
    from simulator.datasets.survey import Survey
    from simulator.source import Complaint


@click.command(epilog="Example: drill check alerts/serving.yml --with first-shift --strict")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--with",
    "scenario",
    metavar="SCENARIO",
    help="Hold rules, routing and playbooks against the series and the people of this scenario.",
)
@click.option("--strict", is_flag=True, help="Warnings are errors.")
@click.option("--data", is_flag=True, help="Tell of shipped data sets too.")
def command(files: tuple[str, ...], scenario: str | None, strict: bool, data: bool) -> int:
    """Say everything that is wrong with files.

    FILE is a scenario, pipeline, playbook, on-call file, rubric, Prometheus rule file or
    Alertmanager configuration, recognised by its first key; or the name of a shipped one. A
    scenario is bound to everything it names. Exit code 2 if anything is wrong.

    Of a scenario or pipeline with data of your own it says what was inferred: rows, span, base
    rate, types, and how far the rows that are served have drifted from those fitted on.

    What Prometheus and Alertmanager accept is no error, but a warning where it can do nothing
    in the scenario: selectors that none of its series match, rules that can never fire,
    receivers that the on-call file does not know. So are a playbook's orders about what the
    pipeline does not have, which another's may. Warnings never stop a run and leave the exit
    code at 0, unless --strict.
    """
    from simulator.cli.data import tell
    from simulator.cli.formats import Against
    from simulator.source import Complaints, locate, shown

    complaints, doubts = Complaints(), list["Complaint"]()
    against = Against(scenario) if scenario else None
    for name in files:
        before = len(complaints.found)
        with complaints.gathered():
            file = locate(name)
            noun, found, survey = check(file, against, data)
            doubts += found
        if len(complaints.found) == before:
            click.echo(f"ok {shown(file)} ({noun})")
            if survey is not None:
                tell(survey)
    # Scenarios share rule files; each line is said once.
    doubts = sorted(set(doubts))
    if strict:
        complaints.found += doubts
    for doubt in () if strict else doubts:
        place, _, text = str(doubt).partition(": ")
        click.echo(f"{place}: warning: {text}", err=True)
    complaints.settle()
    return 0


def check(
    file: Path, against: Against | None = None, data: bool = False
) -> tuple[str, list[Complaint], Survey | None]:
    """What a file is, if nothing is wrong with it, what is doubtful, and what its data are."""
    from simulator.cli.data import survey_of
    from simulator.cli.formats import FOREIGN, FORMATS, actions, bound, faults, foreign
    from simulator.scenario import unbound
    from simulator.source import Complaints, kind_of, load, validate

    kind = kind_of(file)
    document = load(file, aliases=kind in FOREIGN)
    if kind is None:
        expected = ", ".join((*FORMATS, *FOREIGN))
        raise document.refuse((), f"not a format of ours: expected one of the keys {expected}")
    if kind in FOREIGN:
        return FOREIGN[kind], foreign(kind, document, against), None
    name, model = FORMATS[kind]
    complaints = Complaints()
    with complaints.gathered():
        validate(document, model)
    if complaints.found and kind == "drill":
        complaints.found += unbound(document, faults(), actions())
    complaints.settle()
    return name, bound(kind, document, against), survey_of(kind, document, data)
