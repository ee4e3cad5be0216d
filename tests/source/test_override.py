"""`--set PATH=VALUE`."""

from pathlib import Path

import pytest

from simulator.source import SourceError, load, locate_file, override

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


def test_a_file_in_the_working_directory_may_be_named(document, write, monkeypatch):
    """Also for a document elsewhere; the folder of the document comes first."""
    write("here/people.yaml", "oncall: 1\nname: mine\n")
    write("here/p.yaml", "pipeline: 1\nname: mine\n")
    write("here/latency.yaml", "drill: 1\nname: no playbook\n")
    monkeypatch.chdir("here")
    elsewhere = load("../a.yaml")
    for name in ("people.yaml", "people"):
        changed = override(elsewhere, f"oncall={name}")
        assert changed.plain(("oncall", "name")) == "mine"
        assert changed.home == elsewhere.home
    for text in (
        "pipeline=p.yaml",
        "responder=latency",
        "oncall=peple.yaml",
        f"oncall={'a' * 300}",
    ):
        key, _, name = text.partition("=")
        assert override(elsewhere, text).plain((key,)) == name


def test_files_beside_a_named_one_go_with_a_shipped_document(write, monkeypatch):
    write("here/people.yaml", "oncall: 1\nname: mine\n")
    shipped = load(locate_file("first-shift", "drill"))
    changed = override(shipped, "oncall=here/people.yaml")
    assert (changed.home, changed.plain(("oncall", "name"))) == (Path("here"), "mine")
