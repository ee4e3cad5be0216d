"""`drill schema`: the JSON Schema of a format, for editors."""

import click


@click.command(epilog="Example: drill schema scenario > scenarios/schemas/scenario.json")
@click.argument(
    "format", type=click.Choice(["scenario", "pipeline", "playbook", "oncall", "rubric"])
)
def command(format: str) -> None:
    """Print the JSON Schema of a format, for editors.

    An editor uses it where a file begins with
    `# yaml-language-server: $schema=schemas/scenario.json`.
    """
    import json

    from simulator.cli.schemas import schema

    click.echo(json.dumps(schema(format), indent=2, ensure_ascii=False))
