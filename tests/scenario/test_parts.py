"""Arguments in files, validated by parts of the catalogue."""

import sys
from pathlib import Path

import pytest

from simulator.registry import Part, Registry
from simulator.scenario import argument_complaints, order_at, part_at
from simulator.source import Document, SourceError, parse_text

UNIT_CHANGE = '''
from simulator.registry import Part, part
from simulator.units import Factor, Ratio

@part
class UnitChange(Part):
    """A unit changes."""
    target: str
    feature: str
    factor: Factor
    share: Ratio = 1.0
'''


@pytest.fixture
def registry(tmp_path, monkeypatch):
    (tmp_path / "parts_here").mkdir()
    (tmp_path / "parts_here" / "__init__.py").write_text("")
    (tmp_path / "parts_here" / "unit_change.py").write_text(UNIT_CHANGE)
    monkeypatch.syspath_prepend(tmp_path)
    yield Registry("parts_here", Part, "fault")
    for name in [name for name in sys.modules if name.split(".")[0] == "parts_here"]:
        del sys.modules[name]


def document(text):
    root, _ = parse_text(text, Path("a.yaml"))
    return Document(Path("a.yaml"), root, Path("."))


def lines(call):
    with pytest.raises(SourceError) as error:
        call()
    return str(error.value).splitlines()


def test_a_part_is_bound(registry):
    parsed = document("injects: [{fault: unit_change, args: {feature: x, factor: 2}}]")
    part = part_at(parsed, ("injects", 0), "fault", registry, extra={"target": "feed"})
    assert (part.kind, part.target, part.factor) == ("unit_change", "feed", 2)


@pytest.mark.parametrize(
    ("inject", "expected"),
    [
        ("{fault: unit_chnge}", ["1:19: injects[0].fault: unknown fault 'unit_chnge'; did you mean 'unit_change'? (drill catalogue faults)"]),
        ("{fault: unit_change, target: f, args: {feature: x, factr: 2}}", ["1:62: injects[0].args.factr: unknown key; did you mean 'factor'?"]),
        ("{fault: unit_change, target: f, args: {feature: x, zzz: 2}}", [
            "1:49: injects[0].args.factor: is missing",
            "1:62: injects[0].args.zzz: unknown key; expected one of target, feature, factor, share",
        ]),
        ("{fault: unit_change, target: f, args: {feature: x, factor: 0}}", ["1:70: injects[0].args.factor: given 0, expected above 0"]),
        ("{fault: unit_change, target: f, args: [1]}", ["1:49: injects[0].args: expected a map of arguments"]),
        ("{fault: 3}", ["1:19: injects[0].fault: expected the name of a fault"]),
    ],
)  # fmt: skip
def test_a_wrong_part_is_refused_in_its_place(registry, inject, expected):
    parsed = document(f"injects: [{inject}]")
    extra = {"target": "f"}
    assert lines(lambda: part_at(parsed, ("injects", 0), "fault", registry, extra=extra)) == [
        f"a.yaml:{line}" for line in expected
    ]
    assert sorted(map(str, argument_complaints(parsed, registry, registry)))[0].startswith(
        "a.yaml:1:"
    )


def test_arguments_may_be_beside_the_name(registry):
    parsed = document("monitors: [{monitor: unit_change, target: f, feature: x, factor: 3}]")
    assert part_at(parsed, ("monitors", 0), "monitor", registry).factor == 3


def test_arguments_beside_a_reference_are_validated(registry):
    parsed = document("act: {unit_change: {target: f, feature: '${w.f}', factor: '${w.x}'}}")
    assert order_at(parsed, ("act",), registry) is None
    parsed = document("act: {unit_change: {target: f, feature: '${w.f}', factor: 2, shore: 1}}")
    assert lines(lambda: order_at(parsed, ("act",), registry)) == [
        "a.yaml:1:62: act.unit_change.shore: unknown key; did you mean 'share'?"
    ]
