"""`drill check`: every error in files of any format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from simulator.datasets.survey import Survey
    from simulator.lint.scenario_lint import ScenarioLint
    from simulator.source import Complaint


@click.command(epilog="Example: drill check alerts/serving.yml --with first-shift --strict")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--with",
    "scenario",
    metavar="SCENARIO",
    help="Check rules, routing and playbooks against the series and people of this scenario.",
)
@click.option(
    "--at",
    metavar="MOMENT",
    help="Check who is on call in the year from this date, for example 2026-11-01.",
)
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@click.option("--data", is_flag=True, help="Summarize shipped data sets too.")
def command(
    files: tuple[str, ...], scenario: str | None, at: str | None, strict: bool, data: bool
) -> int:
    """Check files, and report every error.

    FILE is a scenario, pipeline, playbook, on-call file, rubric, Prometheus rule file or
    Alertmanager configuration, recognised by its first key; or the name of a shipped file. A
    scenario is checked with all files and parts that it names. The exit code is 2 if there is
    any error.

    For a scenario or pipeline with your own data, the data are summarized: rows, time span, base
    rate, types, and the drift of the served rows from the rows that the model is fitted on.

    Valid configuration without any effect in the scenario is a warning: selectors that match no
    series, rules that can never fire, receivers that the on-call file does not name, and orders
    of a playbook for stages that the pipeline does not have. Warnings never stop a run, and the
    exit code is 0, unless --strict is set.

    Who is on call is checked for a year: holes of schedules, levels and policies that page nobody,
    overrides that overlap, hand-offs when clocks change. The year begins at --at, else at the
    scenario's start, else on a Monday that follows from the dates in the on-call file; the output
    names it. A MOMENT is local time of each schedule unless it has an offset; if it has a time of
    day, schedules whose person sleeps then are a warning, too.
    """
    from simulator.cli.data_survey import print_survey
    from simulator.cli.oncall_file import parse_moment
    from simulator.lint.scenario_lint import ScenarioLint
    from simulator.source import Complaints, display_path, locate_file

    errors, warnings = Complaints(), list["Complaint"]()
    moment = parse_moment("--at", at) if at is not None else None
    lint = ScenarioLint(scenario, moment) if scenario else None
    for name in files:
        before = len(errors.items)
        with errors.collecting():
            file = locate_file(name)
            noun, file_warnings, survey = check(file, lint, data, moment)
            warnings += file_warnings
        if len(errors.items) == before:
            click.echo(f"ok {display_path(file)} ({noun})")
            if survey is not None:
                print_survey(survey)
    # Scenarios share rule files; each warning is printed once.
    warnings = sorted(set(warnings))
    if strict:
        errors.items += warnings
    for warning in () if strict else warnings:
        click.echo(warning.as_warning(), err=True)
    errors.raise_if_any()
    return 0


def check(
    file: Path,
    lint: ScenarioLint | None = None,
    data: bool = False,
    moment: datetime | None = None,
) -> tuple[str, list[Complaint], Survey | None]:
    """Check a file: its format, its warnings and a survey of its data.

    Parameters
    ----------
    moment : datetime or None
        From when on people are checked.

    Raises
    ------
    SourceError
        With every error.
    """
    from simulator.cli.data_survey import survey_of
    from simulator.cli.formats import FOREIGN, FORMATS, check_foreign, check_parts
    from simulator.source import Complaints, kind_of, load, validate

    kind = kind_of(file)
    document = load(file, foreign=kind in FOREIGN)
    if kind is None and isinstance(root := document.plain(), dict):
        # A file that extends another may leave the first key to it.
        kind = next((key for key in FORMATS if key in root), None)
    if kind is None:
        expected = ", ".join((*FORMATS, *FOREIGN))
        raise document.error_at((), f"unknown format: expected one of the keys {expected}")
    if kind in FOREIGN:
        return FOREIGN[kind], check_foreign(kind, document, lint), None
    name, model = FORMATS[kind]
    errors = Complaints()
    with errors.collecting():
        validate(document, model)
    if errors.items and kind in ("drill", "playbook"):
        from simulator.actions import ACTIONS
        from simulator.faults import FAULTS
        from simulator.scenario import argument_complaints, order_complaints

        errors.items += (
            argument_complaints(document, FAULTS, ACTIONS)
            if kind == "drill"
            else order_complaints(document, (), ACTIONS)
        )
    errors.raise_if_any()
    warnings, remark = check_parts(kind, document, lint, moment)
    return name + remark, warnings, survey_of(kind, document, data)
