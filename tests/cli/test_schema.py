"""`drill schema`: the schemas for editors match the models."""

import json

import pytest

from simulator.cli import call
from simulator.cli.formats import FORMATS
from simulator.cli.schema import SCORES, WRITTEN
from simulator.cli.schemas import schema
from simulator.cli.scores_schema import scores_schema
from simulator.faults import FAULTS
from simulator.source import library_root, shipped_files

NAMES = [name for name, _ in FORMATS.values()]


def test_every_written_format_has_a_schema():
    assert list(WRITTEN) == NAMES


@pytest.mark.parametrize("name", [*NAMES, SCORES])
def test_the_committed_schema_is_the_printed_one(name, capsys):
    assert call(["schema", name]) == 0
    file = library_root() / "scenarios" / "schemas" / f"{name}.json"
    assert file.read_text(encoding="utf-8") == capsys.readouterr().out, "run `make schemas`"


def properties(value):
    """Every property of a schema, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "properties":
                yield from inner.items()
            yield from properties(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from properties(inner)


@pytest.mark.parametrize("name", [*NAMES, SCORES])
def test_every_key_is_described(name):
    whole = scores_schema() if name == SCORES else schema(name)
    # Parts of the catalogue are described in their own files.
    model = {
        key: {name: inner for name, inner in of.items() if name != "allOf"}
        for key, of in whole["$defs"].items()
        if "." not in key
    }
    undescribed = [key for key, of in properties({**whole, "$defs": model}) if not _described(of)]
    assert undescribed == []


def _described(of):
    # A definition elsewhere has its description there.
    return "description" in of or "$ref" in of


def test_the_target_of_a_change_is_among_its_arguments():
    definitions = schema("scenario")["$defs"]
    assert "target" in definitions["change.release"]["properties"]
    assert "target" not in definitions["fault.slow_build"]["properties"]


def test_a_law_of_time_may_be_a_plain_duration():
    for of, key in (("Team", "acknowledge"), ("Team", "work"), ("Person", "notices")):
        kinds = schema("oncall")["$defs"][of]["properties"][key]["anyOf"]
        assert [kind.get("type", kind.get("$ref")) for kind in kinds][:2] == [
            "string", "#/$defs/TimeLaw",
        ]  # fmt: skip


def test_faults_are_an_enum():
    inject = schema("scenario")["$defs"]["Inject"]
    assert inject["properties"]["fault"]["enum"] == list(FAULTS.names())


@pytest.mark.parametrize(
    "kind", ["drill", "pipeline", "playbook", "oncall", "rubric", "observations"]
)
def test_shipped_files_carry_the_modeline(kind):
    for file in shipped_files(kind).values():
        head = file.read_text(encoding="utf-8").splitlines()[0]
        prefix = "# yaml-language-server: $schema="
        assert head.startswith(prefix), file
        assert json.loads((file.parent / head.removeprefix(prefix)).read_text(encoding="utf-8"))
