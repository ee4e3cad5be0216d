"""CONTRIBUTING.md is right: its tree is the tree, its recipes work, its paths and targets exist."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from simulator.registry import Part, describe
from tests.tidy import rules

REPOSITORY = Path(__file__).parents[1]
PAGE = (REPOSITORY / "CONTRIBUTING.md").read_text()
RECIPES = re.findall(r"```python\n(.*?)```", PAGE, re.S)
ROOMS = {"Fault": "faults", "OwnerFault": "faults", "Action": "actions", "Debt": "debts"}
GLOSSARY = re.search(r"## Glossary\n(.*?)\n## ", PAGE, re.S)[1]


def drawn():
    """The paths of the tree, by indentation: two spaces a level."""
    parents = []
    for line in re.search(r"```\n(simulator/.*?)```", PAGE, re.S)[1].splitlines():
        indent, name = re.match(r"( *)(\S+)", line).groups()
        parents = [*parents[: len(indent) // 2], name]
        yield "".join(parents)


def test_the_page_is_short():
    assert len(PAGE.splitlines()) <= 250
    assert 30 <= GLOSSARY.count("\n| ") - 1 <= 60


def test_the_tree_is_the_tree():
    rooms = [REPOSITORY / "simulator", REPOSITORY / "simulator" / "pipeline"]
    expected = {
        f"{path.relative_to(REPOSITORY)}{'/' if path.is_dir() else ''}"
        for room in rooms
        for path in [room, *room.iterdir()]
        if path.name not in ("__init__.py", "__pycache__", "py.typed")
    }
    assert set(drawn()) == expected


def test_paths_exist():
    paths = set(re.findall(r"`((?:simulator|tests|scenarios|playbooks|reports)/[\w./-]+)`", PAGE))
    paths -= {"simulator/cli/NAME.py", "simulator/faults/training_crash.py"}
    assert len(paths) > 8
    assert [path for path in sorted(paths) if not (REPOSITORY / path).exists()] == []


def test_make_targets_exist():
    targets = re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.M)
    lines = re.findall(r"`make ([a-z ]+)", PAGE)
    assert {target for line in lines for target in line.split()} <= set(targets)


def kind_of(recipe):
    name = re.search(r"^class (\w+)", recipe, re.M)[1]
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("recipe", RECIPES, ids=kind_of)
def test_a_recipe_is_a_documented_part(recipe, tmp_path, monkeypatch):
    base = re.search(r"^class \w+\((\w+)\)", recipe, re.M)[1]
    room, kind = ROOMS.get(base, "score.measures"), kind_of(recipe)
    path = tmp_path / f"{kind}.py"
    path.write_text(recipe)
    spec = importlib.util.spec_from_file_location(f"simulator.{room}.{kind}", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    (cls,) = [
        cls
        for cls in vars(module).values()
        if isinstance(cls, type) and issubclass(cls, Part) and cls.__module__ == spec.name
    ]
    assert cls.kind == kind
    entry = describe(cls)
    assert entry.about
    assert all(field.about for field in entry.fields)


def test_names_are_those_of_the_code():
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.S)
    trees = rules.modules(REPOSITORY / "simulator")
    code = {use.name for tree in trees.values() for use in rules.uses(tree)}
    code |= {Path(path).stem for path in trees} | {"yield", "None"}
    assert set(re.findall(r"`([A-Za-z_]{2,})`", prose)) - code == set()
