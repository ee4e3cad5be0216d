"""`drill schema`: the JSON Schema of a format, for editors and programs."""

import click

# The formats that people write, and the one that programs read.
WRITTEN = ("scenario", "pipeline", "playbook", "oncall", "rubric", "observations")
SCORES = "scores"


@click.command(epilog="Example: drill schema scenario > scenarios/schemas/scenario.json")
@click.argument("format", type=click.Choice([*WRITTEN, SCORES]))
def command(format: str) -> None:
    """Print the JSON Schema of a format, for editors, or of scores.json, for programs.

    An editor uses it where a file begins with
    `# yaml-language-server: $schema=schemas/scenario.json`.
    """
    import json

    if format == SCORES:
        from simulator.cli.scores_schema import scores_schema

        printed = scores_schema()
    else:
        from simulator.cli.schemas import schema

        printed = schema(format)
    click.echo(json.dumps(printed, indent=2, ensure_ascii=False))
