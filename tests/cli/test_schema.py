"""`drill schema`: what editors are told is what the models say."""

import json

import pytest

from simulator.cli import call
from simulator.cli.formats import FORMATS
from simulator.cli.schemas import schema
from simulator.faults import FAULTS
from simulator.source import shipped, shipped_files

NAMES = [name for name, _ in FORMATS.values()]


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_schema_is_the_printed_one(name, capsys):
    assert call(["schema", name]) == 0
    file = shipped() / "scenarios" / "schemas" / f"{name}.json"
    assert file.read_text(encoding="utf-8") == capsys.readouterr().out, "run `make schemas`"


def properties(value):
    """Every property of a schema, wherever it stands."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "properties":
                yield from inner.items()
            yield from properties(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from properties(inner)


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_described(name):
    json_schema = schema(name)
    # What the catalogue puts in is described, or not, where its parts are.
    model = {
        key: {name: inner for name, inner in of.items() if name != "allOf"}
        for key, of in json_schema["$defs"].items()
        if "." not in key
    }
    bare = [key for key, of in properties({**json_schema, "$defs": model}) if not _described(of)]
    assert bare == []


def _described(of):
    # What is defined elsewhere is described there.
    return "description" in of or "$ref" in of


def test_faults_are_a_choice():
    inject = schema("scenario")["$defs"]["Inject"]
    assert inject["properties"]["fault"]["enum"] == list(FAULTS.names())


@pytest.mark.parametrize("kind", ["drill", "pipeline", "playbook", "oncall", "rubric"])
def test_shipped_files_carry_the_modeline(kind):
    for file in shipped_files(kind).values():
        head = file.read_text(encoding="utf-8").splitlines()[0]
        prefix = "# yaml-language-server: $schema="
        assert head.startswith(prefix), file
        assert json.loads((file.parent / head.removeprefix(prefix)).read_text(encoding="utf-8"))
