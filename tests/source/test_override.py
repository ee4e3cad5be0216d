"""`--set PATH=VALUE`."""

import pytest

from simulator.source import SourceError, load, override

TEXT = """
tick: 5s
objectives: {accuracy: {min: 0.9}}
injects: [{id: hours, at: 5m}, {at: 6m}]
pipeline: p.yaml
"""


@pytest.fixture
def document(write):
    write("p.yaml", "pipeline: 1\nstages: {serving: {replicas: 4}}\n")
    return load(write("a.yaml", TEXT))


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("objectives.accuracy.min=0.8", ("objectives", "accuracy", "min"), 0.8),
        ("injects[1].at=20m", ("injects", 1, "at"), "20m"),
        ("injects.hours.at=20m", ("injects", 0, "at"), "20m"),
        ("hold=5m", ("hold",), "5m"),
        ("tick=", ("tick",), None),
        ("injects=[]", ("injects",), []),
        ("objectives.accuracy={min: 1}", ("objectives", "accuracy"), {"min": 1}),
        ("pipeline.stages.serving.replicas=6", ("pipeline", "stages", "serving", "replicas"), 6),
    ],
)
def test_a_value_is_replaced(document, text, path, value):
    changed = override(document, text)
    assert changed.plain(path) == value
    assert document.plain() == load("a.yaml").plain()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tick", ": expected PATH=VALUE, for example objectives.accuracy.min=0.8"),
        ("a..b=1", ": expected PATH=VALUE, for example objectives.accuracy.min=0.8"),
        ("=1", ": expected PATH=VALUE, for example objectives.accuracy.min=0.8"),
        (
            "objectivs.accuracy.min=1",
            ": objectivs: no key 'objectivs' at the top; did you mean 'objectives'?",
        ),
        (
            "objectives.acuracy.min=1",
            ": objectives.acuracy: no key 'acuracy' in 'objectives'; did you mean 'accuracy'?",
        ),
        (
            "injects[2].at=1m",
            ": injects[2]: no entry 2 in 'injects'; it has 2, counted from [0]",
        ),
        ("tick.x=1", ": tick.x: nothing can be set in 'tick': it is a single value"),
        ("tick=[1", ": not valid YAML: a '[' without its ']', or a missing ','"),
    ],
)
def test_a_wrong_path_is_refused_with_the_closest(document, text, message):
    with pytest.raises(SourceError) as refused:
        override(document, text)
    assert str(refused.value) == f"--set {text}{message}"
