"""`drill query RUN 'PROMQL'`: PromQL over the series of a past run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.group import BAD_INPUT

if TYPE_CHECKING:
    from simulator.cli.moments import Moments
    from simulator.promql import Engine, Result
    from simulator.run import Run


@click.command(
    epilog="Example: drill query reports/first-shift-1 "
    "'sum(rate(http_requests_total[5m]))' --range 0:30-1:30"
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
@click.argument("promql", metavar="PROMQL")
@click.option("--at", metavar="TIME", help="The time.  [default: the end of the drill]")
@click.option("--range", "span", metavar="TIME-TIME", help="From one time to another.")
@click.option(
    "--step",
    metavar="DURATION",
    help="Between the times of a range.  [default: the scrape interval, less in the table]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as Prometheus' HTTP API does.")
def command(
    folder: Path, promql: str, at: str | None, span: str | None, step: str | None, as_json: bool
) -> int:
    """Evaluate PromQL over the series of a past run, at a time or over a range.

    RUN is a run's folder, or a twin's: RUN/twins/none. A TIME is H:MM or H:MM:SS from the start
    of the drill, as in the timeline, or a duration: 1:10, 1:10:30, 70m and 1h10m. Times before
    the start are negative: -2:00.

    Visible are the series that the simulated Prometheus scraped, with its rules' ALERTS; not the
    true values of the objectives. All names: 'count by (__name__) ({__name__!=""})'
    """
    from simulator.analysis import Timeline
    from simulator.cli.moments import parse_moments
    from simulator.cli.past_run import open_series
    from simulator.promql import PromQLError
    from simulator.promql.error_position import mark

    if at is not None and span is not None:
        raise click.UsageError("--at and --range exclude each other")
    if step is not None and span is None:
        raise click.UsageError("--step needs --range")
    run = open_series(folder)
    moments = parse_moments(at, span, step, Timeline(run, {}).end, run.header.scrape)
    try:
        _print(_engine(run, folder), promql, moments, run.header.epoch, as_json)
    except PromQLError as problem:
        click.echo(f"drill: {mark(promql, problem)}", err=True)
        return BAD_INPUT
    return 0


def _engine(run: Run, folder: Path) -> Engine:
    """An engine over the series of a run, in its dialect."""
    from simulator.promql import Engine
    from simulator.setting import inputs, parse
    from simulator.telemetry.store import SeriesStore

    _, scenario = parse(inputs.scenario_file(folder))
    store = SeriesStore.from_arrays(run.series)
    return Engine(store, scenario.alerting.prometheus, epoch=run.header.epoch)


def _print(engine: Engine, promql: str, moments: Moments, epoch: int, as_json: bool) -> None:
    """Evaluate a query and print its result.

    Raises
    ------
    PromQLError
    """
    from simulator.cli.query_reasons import reasons
    from simulator.cli.query_tables import print_instant, print_range
    from simulator.promql.http_result import http_result, sort_by_labels

    result = _evaluate(engine, promql, moments)
    if not engine.compile(promql).is_sorted or moments.step:
        result = sort_by_labels(result)
    if as_json:
        click.echo(json.dumps(http_result(result, moments.start, epoch), ensure_ascii=False))
    elif not result:
        click.echo("nothing")
        for reason in reasons(engine, promql, moments):
            click.echo(f"  {reason}")
    elif result.kind == "matrix":
        print_range(result, moments.grid, moments.row_step)
    else:
        print_instant(result, moments.start)


def _evaluate(engine: Engine, promql: str, moments: Moments) -> Result:
    if moments.step:
        return engine.query_range(promql, moments.start, moments.end, moments.step)
    return engine.query(promql, moments.start)
