"""`drill export`: a run's series and alerts, for a real Prometheus."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulator.analysis.promtool import PromtoolTest
    from simulator.run import Run


@click.command(
    epilog="Example: drill export reports/first-shift-1 --openmetrics run.om --promtool test.yml"
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
@click.option(
    "--openmetrics",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write every series, for promtool tsdb create-blocks-from openmetrics FILE DIR",
)
@click.option(
    "--promtool",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the alerts as a test, with the rule files, for promtool test rules FILE",
)
@click.option(
    "--prometheus",
    type=click.Choice(["2", "3"]),
    help="The major version of promtool for the test.  [default: the scenario's]",
)
def command(
    folder: Path, openmetrics: Path | None, promtool: Path | None, prometheus: str | None
) -> None:
    """Write a run's series and alerts for a real Prometheus.

    RUN is a run's folder. Samples have the times of the scenario's calendar. OpenMetrics has no
    stale markers: a series that ended stays visible for five more minutes there.

    The test has the firing alerts, with their labels and annotations, at every change and at
    times spread over the run. promtool evaluates all groups at the scenario's interval from the
    beginning of the series, and its clock begins in 1970; Prometheus 2 includes the left edge of
    a range, Prometheus 3 does not. The differences from the run for these reasons are printed,
    and listed at the head of the file.
    """
    from simulator.cli.past_run import open_series

    if openmetrics is None and promtool is None:
        raise click.UsageError("specify --openmetrics FILE, --promtool FILE or both")
    run = open_series(folder)
    if openmetrics is not None:
        _openmetrics(run, openmetrics)
    if promtool is not None:
        _promtool(run, folder, promtool, prometheus)


def _openmetrics(run: Run, file: Path) -> None:
    from simulator.telemetry.openmetrics import exposition
    from simulator.telemetry.store import SeriesStore

    written = 0
    with file.open("w", encoding="utf-8") as out:
        for line in exposition(SeriesStore.from_arrays(run.series), run.header.epoch):
            out.write(line)
            written += not line.startswith("#")
    click.echo(f"openmetrics  {file} ({written} samples)")
    click.echo(f"             promtool tsdb create-blocks-from openmetrics {file} DIR")


def _promtool(run: Run, folder: Path, file: Path, prometheus: str | None) -> None:
    from simulator.alerting.rulefile import load_rules
    from simulator.analysis import promtool
    from simulator.setting import inputs, parse
    from simulator.setting.bind import bind_names

    document, scenario = parse(inputs.scenario_file(folder))
    alerting, bound = scenario.alerting, bind_names(document, scenario)
    dialect = int(prometheus or alerting.prometheus)
    groups, names = [], []
    for number, name in enumerate(alerting.rules, 1):
        path = file.with_name(f"{file.name.split('.')[0]}-rules-{number}.yml")
        groups += load_rules(bound.files[name], str(path), dialect)
        path.write_text(bound.files[name], encoding="utf-8")
        names.append(path.name)
    external = dict(alerting.external_labels)
    test = promtool.build_test(run, groups, alerting.evaluation_interval, dialect, external)
    notes = _notes(run, test, dialect, alerting.prometheus)
    with file.open("w", encoding="utf-8") as out:
        out.writelines(promtool.format_test(test, names, notes, external))
    click.echo(f"promtool     {file} ({len(test.expected)} checks of alerts)")
    click.echo(f"             promtool test rules {file}")
    for note in notes[1:]:
        click.echo(f"             {note}")


def _notes(run: Run, test: PromtoolTest, dialect: int, run_dialect: int) -> Sequence[str]:
    """What the test checks and what it cannot check, for its head."""
    from simulator.analysis.promtool import state_differences
    from simulator.run.events import AlertEvent
    from simulator.units.wording import hhmmss

    header = run.header
    notes = [
        f"{header.scenario}, seed {header.seed}, digest {run.digest}; for promtool of "
        f"Prometheus {dialect}; 0 is {-test.start // 1000} s before the run began."
    ]
    missing, extra = state_differences(run, test)
    changes = list(run.of(AlertEvent))
    if dialect != run_dialect:
        notes.append(f"the run's rules were evaluated as by Prometheus {run_dialect}.")
    same = len(changes) - len(missing)
    notes.append(f"{same} of the run's {len(changes)} changes of alerts are the same in the test.")
    for changes_there, where in ((missing, "in the run"), (extra, "in the test")):
        for t, labels, state in sorted(changes_there)[:20]:
            name = dict(labels)["alertname"]
            notes.append(f"only {where}: {name} {state} at {hhmmss(t)}")
    notes += [f"promtool will report an error in this rule: {text}" for text in test.failures]
    return notes
