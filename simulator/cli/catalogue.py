"""`drill catalogue`: the parts, from their docstrings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulator.faults import Fault
    from simulator.registry import Part, Registry

# The signals of batching, of client-side retry budgets and circuit breakers, of pools of replicas,
# of dependencies under load and of feature caches; no shipped pipeline has them.
OPTIONAL = ("triton", "envoy", "resilience4j", "istio", "opentelemetry", "micrometer")
KINDS = ("faults", "actions", "debts", "monitors", "measures", "capabilities", "signals")


@click.command(epilog="Example: drill catalogue faults memory_leak")
@click.argument("kind", type=click.Choice(KINDS), required=False)
@click.argument("name", required=False)
@click.option("--moves", is_flag=True, help="Of faults: what helps, what tempts, and its cost.")
def command(kind: str | None, name: str | None, moves: bool) -> None:
    """List the parts: faults, actions, debts, monitors, measures, capabilities, signals.

    With a NAME, describe that part in full.
    """
    if moves:
        if kind not in (None, "faults"):
            raise click.UsageError(f"only faults have moves, not {kind}")
        _print_moves(name)
        return
    for number, listed in enumerate((kind,) if kind else KINDS):
        if number:
            click.echo()
        if kind is None:
            click.secho(listed, bold=True)
        if listed == "signals":
            _print_signals(name)
        elif name is None:
            _print_all(_registry(listed))
        else:
            _print_part(_registry(listed).get(name))
            if listed == "faults":
                click.echo()
                _print_moves(name)


def _registry(kind: str) -> Registry[Part]:
    from simulator.actions import ACTIONS
    from simulator.debts import DEBTS
    from simulator.faults import FAULTS
    from simulator.monitors import MONITORS
    from simulator.score import CAPABILITIES, MEASURES

    registries: tuple[Registry[Part], ...] = (
        FAULTS, ACTIONS, DEBTS, MONITORS, MEASURES, CAPABILITIES,
    )  # fmt: skip
    return next(registry for registry in registries if registry.plural == kind)


def _print_all(registry: Registry[Part]) -> None:
    from simulator.registry import describe

    for cls in registry.all().values():
        entry = describe(cls)
        click.echo(f"{click.style(entry.name, bold=True)}  {entry.about}")
        if entry.facts:
            click.echo("    " + "; ".join(f"{name}: {fact}" for name, fact in entry.facts.items()))
        for field in entry.fields:
            default = f", default {field.default}" if field.default else ", required"
            click.echo(f"    {field.name}: {field.type_and_unit}{default}. {field.about}")


def _print_part(cls: type[Part]) -> None:
    import inspect

    from simulator.cli.tables import table
    from simulator.registry import describe

    entry = describe(cls)
    click.echo(f"{click.style(entry.name, bold=True)}\n")
    click.echo(inspect.cleandoc(cls.__doc__ or "") + "\n")
    if entry.facts:
        width = max(map(len, entry.facts))
        for name, fact in entry.facts.items():
            click.echo(f"{name.ljust(width)}  {fact}")
        click.echo()
    rows = [(f.name, f.type_and_unit, f.default or "required", f.about) for f in entry.fields]
    if rows:
        table(("argument", "type", "default", "description"), rows)


def _print_moves(name: str | None) -> None:
    """The moves of a fault, or of all."""
    from simulator.faults import FAULTS

    names = FAULTS.names() if name is None else (name,)
    for number, kind in enumerate(names):
        if number:
            click.echo()
        click.secho(kind, bold=True)
        _print_moves_of(FAULTS.get(kind))


def _print_moves_of(fault: type[Fault]) -> None:
    from simulator.faults import WrongMove

    for move in (*fault.right_moves, *fault.wrong_moves):
        wrong = isinstance(move, WrongMove)
        label = "wrong" if wrong else "right" if move.cures else "meanwhile"
        color = "red" if wrong else "green"
        steps = "; ".join(map(str, move.steps)) or "wait"
        cost = f" ({move.cost})" if isinstance(move, WrongMove) else ""
        click.echo(f"  {click.style(label.ljust(9), fg=color)}  {steps}{cost}")
        click.echo(f"             {move.why}")


def _print_signals(name: str | None) -> None:
    """The signals of the shipped pipelines, which follow from the systems of their stages."""
    from simulator.cli.tables import table
    from simulator.registry import UnknownPart
    from simulator.setting import parse
    from simulator.setting.bind import bind_names
    from simulator.setting.scrape_targets import make_exporters, monitor_runner
    from simulator.source import shipped_files

    rows: dict[tuple[str, str], set[str]] = {}
    pipelines: set[str] = set()
    for file in shipped_files("drill").values():
        bound = bind_names(*parse(file))
        if bound.pipeline.name in pipelines:
            continue
        pipelines.add(bound.pipeline.name)
        monitors = monitor_runner(bound.pipeline, bound.monitors, bound.dataset, 0)
        for exporter in make_exporters(bound.pipeline, monitors, bound.integrations, OPTIONAL):
            dynamic = [labels for labels, _ in exporter.dynamic_series_examples()]
            for series in [*exporter.series(), *dynamic]:
                labels = dict(series)
                signal = labels.pop("__name__")
                rows.setdefault((signal, exporter.job), set()).update(labels)
    if name is not None:
        signals = {signal for signal, _ in rows}
        if name not in signals:
            raise UnknownPart("signal", name, signals)
        rows = {key: labels for key, labels in rows.items() if key[0] == name}
    table(
        ("signal", "job", "labels"),
        [(name, job, ", ".join(sorted(labels))) for (name, job), labels in sorted(rows.items())],
    )
