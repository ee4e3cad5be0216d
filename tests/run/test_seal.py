"""Whoever opens a folder that was edited is told; what was cut off is readable."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from simulator.cli import call
from simulator.play import play, play_with_twins
from simulator.run import Run, RunError
from simulator.run.seal import START
from simulator.setting import inputs
from tests.run.reseal import reseal
from tests.small.playing import SLOW, Orders

READERS = (
    ("show",),
    ("show", "--html"),
    ("show", "--json"),
    ("rules",),
    ("query", "up"),
    ("export", "--openmetrics", "out.om"),
    ("replay",),
)


@pytest.fixture(scope="module")
def played(tmp_path_factory, drill):
    """A run of fifteen minutes, with its inputs and an order."""
    folder = tmp_path_factory.mktemp("sealed") / "run"
    setting = drill(SLOW, duration="15m")
    inputs.write(setting, folder / "inputs")
    play(setting, 1, Orders((12, "status_update", {"text": "Löschen?"})), folder=folder)
    return folder


@pytest.fixture
def folder(played, tmp_path, monkeypatch):
    """A copy of the run, to be damaged."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(played, tmp_path / "run"))


def refusal(folder):
    """The message of whoever opens the folder."""
    with pytest.raises(RunError) as error:
        Run.open(folder)
    return str(error.value)


def edit(path, old, new):
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_run_is_sealed_and_its_seal_is_no_event(folder):
    line = (folder / "log.jsonl").read_bytes().splitlines()[-1]
    seal = json.loads(line)
    assert line.startswith(START)
    assert sorted(seal["inputs"]) == sorted(path.name for path in (folder / "inputs").iterdir())
    run = Run.open(folder)
    assert run.complete
    assert run.events[-1].kind == "end"


@pytest.mark.parametrize("reader", READERS, ids=" ".join)
def test_every_command_refuses_an_edited_log_in_one_line_and_writes_nothing(folder, capsys, reader):
    edit(folder / "log.jsonl", b'"build":8', b'"build":9')
    before = contents(folder.parent)
    command, *options = reader
    assert call([command, str(folder), *options]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == f"drill: {folder}/log.jsonl: was edited: it differs from its seal\n"
    assert contents(folder.parent) == before


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255))
@example(place=0.999999, bits=ord("\n") ^ ord("\r"))
@example(place=0.999999, bits=ord("\n") ^ ord(" "))
def test_any_changed_byte_of_the_log_is_noticed(folder, place, bits):
    path = folder / "log.jsonl"
    content = bytearray(original := path.read_bytes())
    content[int(place * len(content))] ^= bits
    path.write_bytes(content)
    try:
        assert refusal(folder).startswith(f"{path}:")
    finally:
        path.write_bytes(original)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1))
def test_a_log_that_was_cut_is_noticed_while_there_are_series(folder, place):
    path = folder / "log.jsonl"
    original = path.read_bytes()
    path.write_bytes(original[: int(place * (len(original) - 1))])
    try:
        assert refusal(folder).startswith(f"{path}:")
    finally:
        path.write_bytes(original)


def test_a_cut_at_a_line_says_so(folder):
    path = folder / "log.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-3]))
    assert refusal(folder) == f"{path}: was cut: the run has its series, and the log has no seal"


def test_a_log_that_goes_on_is_noticed(folder):
    with (folder / "log.jsonl").open("ab") as file:
        file.write(b'{"kind":"end","t":900000,"who":"director","reason":"again"}\n')
    assert refusal(folder) == f"{folder}/log.jsonl: was edited: it goes on after its seal"


def test_a_killed_run_has_neither_series_nor_a_seal_and_is_read(folder):
    path = folder / "log.jsonl"
    path.write_bytes(path.read_bytes()[:-700])
    (folder / "series.npz").unlink()
    run = Run.open(folder)
    assert not run.complete
    assert run.events


def test_series_of_another_run_are_noticed(folder):
    for content in (b"no numbers at all", b""):
        (folder / "series.npz").write_bytes(content)
        assert refusal(folder) == (
            f"{folder}/series.npz: is damaged, or not of this run: it differs from the log's seal"
        )
    (folder / "series.npz").unlink()
    assert refusal(folder) == f"{folder}/series.npz: is missing: the run had its series"


def test_foreign_inputs_are_noticed(folder):
    scenario = folder / "inputs" / inputs.SCENARIO
    content = scenario.read_bytes()
    edit(scenario, b"tick", b"tock")
    assert refusal(folder) == f"{scenario}: not of this run: it differs from the log's seal"
    scenario.unlink()
    assert refusal(folder) == f"{scenario}: is missing: the run had it"
    scenario.write_bytes(content)
    (folder / "inputs" / ".DS_Store").write_bytes(b"x")
    assert Run.open(folder).complete
    (folder / "inputs" / "more.yml").write_text("groups: []")
    assert refusal(folder).startswith(f"{folder}/inputs/more.yml: not of this run")


def test_a_twin_is_sealed_with_the_inputs_of_its_run(folder, played):
    twin = folder / "twins" / "none"
    twin.mkdir(parents=True)
    for name in ("log.jsonl", "series.npz"):
        shutil.copy(played / name, twin)
    assert list(Run.open(folder).twins) == ["none"]
    edit(folder / "inputs" / "rules-1.yml", b"alert", b"alart")
    with pytest.raises(RunError, match=r"inputs/rules-1.yml: not of this run"):
        Run.open(twin)


def test_a_twin_of_another_run_is_refused(folder, played):
    twin = folder / "twins" / "none"
    twin.mkdir(parents=True)
    for name in ("log.jsonl", "series.npz"):
        shutil.copy(played / name, twin)
    edit(twin / "log.jsonl", b'"seed":1', b'"seed":2')
    reseal(twin)
    assert refusal(folder) == f"{twin}: not a twin of this run, but of small, version 1, seed 2"


# -- other programs --------------------------------------------------------------------------


def test_another_format_is_refused(folder, capsys):
    edit(folder / "log.jsonl", b'"format":2', b'"format":1')
    assert call(["show", str(folder)]) == 2
    assert capsys.readouterr().err == (
        f"drill: {folder}/log.jsonl:1: format 1; this program reads format 2: run the drill again\n"
    )


def test_a_run_of_another_version_is_read_and_not_replayed(folder, capsys):
    edit(folder / "log.jsonl", b'"ml-gameday":"0.', b'"ml-gameday":"9.')
    reseal(folder)
    assert call(["show", str(folder)]) == 0
    assert call(["query", str(folder), "up"]) == 0
    capsys.readouterr()
    assert call(["replay", str(folder)]) == 2
    (message,) = capsys.readouterr().err.splitlines()
    assert message.startswith(f"drill: {folder}: made by ml-gameday 9.")
    assert ", this is 0." in message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'"kind":"order"', b'"kind":"ordre"', "Invalid value 'ordre' - at `$.kind`"),
        (b'"action":"status_update"', b'"axtion":"status_update"',
         "Object contains unknown field `axtion`"),
        (b'"id":1', b'"id":"1"', "Expected `int`, got `str` - at `$.id`"),
    ],
)  # fmt: skip
def test_a_wrong_event_is_named_with_its_line_and_field(folder, old, new, message):
    path = folder / "log.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines) if b'"kind":"order"' in line)
    lines[number] = lines[number].replace(old, new)
    path.write_bytes(b"".join(lines))
    assert refusal(folder) == f"{path}:{number + 1}: not a valid event: {message}"


def test_twins_of_a_run_are_sealed_too(drill, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    run = play_with_twins(drill(SLOW, duration="12m"), 3, folder=folder)
    for name in run.twins:
        lines = (folder / "twins" / name / "log.jsonl").read_bytes().splitlines()
        assert json.loads(lines[-1])["inputs"]
    assert sorted(Run.open(folder).twins) == sorted(run.twins)


def test_a_new_run_does_not_overwrite_another(folder, drill):
    before = contents(folder)
    for play_into in (play, play_with_twins):
        with pytest.raises(RunError, match="contains a run"):
            play_into(drill(), 1, folder=folder)
    assert contents(folder) == before
