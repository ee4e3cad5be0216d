"""`drill catalogue`: the parts, from their docstrings."""

import click

# There only where a pipeline batches, or its clients hold back; no shipped one does.
OPTIONAL = ("triton", "envoy", "resilience4j")
KINDS = ("faults", "actions", "debts", "monitors", "measures", "signals")


@click.command(epilog="Example: drill catalogue faults")
@click.argument("kind", type=click.Choice(KINDS), required=False)
@click.argument("name", required=False)
def command(kind: str | None, name: str | None) -> None:
    """List the parts: faults, actions, debts, monitors, measures, signals.

    With a NAME, everything about that one.
    """
    for number, one in enumerate((kind,) if kind else KINDS):
        if number:
            click.echo()
        if kind is None:
            click.secho(one, bold=True)
        _signals(name) if one == "signals" else _parts(one, name)


def _parts(kind: str, name: str | None) -> None:
    from simulator.cli import formats
    from simulator.registry import describe

    registry = getattr(formats, kind)()
    if name is not None:
        _one(registry.get(name))
        return
    for cls in registry.all().values():
        entry = describe(cls)
        click.echo(f"{click.style(entry.name, bold=True)}  {entry.about}")
        if entry.facts:
            click.echo("    " + "; ".join(f"{name}: {fact}" for name, fact in entry.facts.items()))
        for field in entry.fields:
            default = f", default {field.default}" if field.default else ", required"
            click.echo(f"    {field.name}: {field.said}{default}. {field.about}")


def _one(cls: type) -> None:
    import inspect

    from simulator.registry import describe

    entry = describe(cls)
    click.echo(f"{click.style(entry.name, bold=True)}\n")
    click.echo(inspect.cleandoc(cls.__doc__ or "") + "\n")
    from simulator.cli.tables import table

    if entry.facts:
        width = max(map(len, entry.facts))
        for name, fact in entry.facts.items():
            click.echo(f"{name.ljust(width)}  {fact}")
        click.echo()
    rows = [(f.name, f.said, f.default or "required", f.about) for f in entry.fields]
    if rows:
        table(("argument", "what it is", "default", "about"), rows)


def _signals(name: str | None) -> None:
    """What pipelines emit: names follow from the systems that their stages play."""
    from simulator.cli.tables import table
    from simulator.registry import UnknownPart
    from simulator.setting import bind, parse
    from simulator.setting.scrape_targets import monitor_runner, systems
    from simulator.source import shipped_files

    rows: dict[tuple[str, str], set[str]] = {}
    seen: set[str] = set()
    for file in shipped_files("drill").values():
        bound = bind.check(*parse(file))
        if bound.pipeline.name in seen:
            continue
        seen.add(bound.pipeline.name)
        monitors = monitor_runner(bound.pipeline, bound.monitors, bound.dataset, 0)
        for exporter in systems(bound.pipeline, monitors, bound.integrations, OPTIONAL):
            dynamic = [labels for labels, _ in exporter.dynamic_series_examples()]
            for series in [*exporter.series(), *dynamic]:
                labels = dict(series)
                signal = labels.pop("__name__")
                rows.setdefault((signal, exporter.job), set()).update(labels)
    if name is not None:
        known = {signal for signal, _ in rows}
        if name not in known:
            raise UnknownPart("signal", name, known)
        rows = {key: labels for key, labels in rows.items() if key[0] == name}
    table(
        ("signal", "job", "labels"),
        [(name, job, ", ".join(sorted(labels))) for (name, job), labels in sorted(rows.items())],
    )
