"""A run's folder: written during the run, readable after an interruption."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.play import play
from simulator.run import Header, Log, Run, RunError
from simulator.run.events import EndEvent, LineEvent, OrderEvent
from simulator.run.folder import make_folder, read_series, save_series
from simulator.run.log import normalize
from simulator.setting import inputs, load
from tests.small.playing import SLOW, Orders, play_orders, sample_bytes


@pytest.fixture
def folder(tmp_path):
    """A run of three events."""
    log = Log(tmp_path / "log.jsonl")
    log.write(Header(0, "run", seed=7))
    log.write(LineEvent(5000, "fill", "INFO", "größer als …"))
    log.write(EndEvent(9000, "director", "duration"))
    log.close()
    return tmp_path


def test_a_written_log_is_read(folder):
    run = Run.open(folder)
    assert [(e.t, e.kind, e.who) for e in run.events] == [
        (5000, "line", "fill"), (9000, "end", "director")]  # fmt: skip
    assert run.events[0].text == "größer als …"
    assert run.complete
    assert run.header.seed == 7


@pytest.mark.parametrize("kept", range(1, 40, 3))
def test_a_truncated_last_line_is_ignored(folder, kept):
    path = folder / "log.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:kept])
    run = Run.open(folder)
    assert [event.kind for event in run.events] == ["line"]
    assert not run.complete


def test_a_line_truncated_after_a_brace_is_ignored(folder):
    with (folder / "log.jsonl").open("ab") as file:
        file.write(b'{"t":9000,"kind":"order","who":"ml","id":1,"args":{}')
    assert [event.kind for event in Run.open(folder).events] == ["line", "end"]


def test_incomplete_twins_are_ignored(folder):
    (folder / "twins" / "none").mkdir(parents=True)
    (folder / "twins" / "no-fault").mkdir()
    (folder / "twins" / "none" / "log.jsonl").write_bytes(b"")
    assert Run.open(folder).twins == {}


@pytest.mark.parametrize("bad", [b"{}\n", b"hello\n", b"[1]\n", b'{"t": 1}\n', b"\xff\xfe\n", b"3\n",
                                 b'{"t": "x", "kind": 1, "who": 2}\n'])  # fmt: skip
def test_damage_is_reported_with_its_line(folder, bad):
    path = folder / "log.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + bad + lines[2])
    with pytest.raises(RunError, match=r"log.jsonl:2: not a valid event"):
        Run.open(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "not a run's folder"),
        (b"", "the log has no header"),
        (b'{"t":0,"kind":"line","who":"x"}\n', "the log has no header"),
        (b'{"t":0,"kind":"header","who":"run","format":9}\n', "format 9; this program reads"),
    ],
)
def test_an_invalid_log_is_refused(tmp_path, content, message):
    if content is not None:
        (tmp_path / "log.jsonl").write_bytes(content)
    with pytest.raises(RunError, match=message):
        Run.open(tmp_path)


def test_the_digest_covers_events_but_not_queries(folder):
    digest = Run.open(folder).digest
    path = folder / "log.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    look = b'{"t":6000,"kind":"look","who":"ml","expr":"up"}\n'
    path.write_bytes(
        b"".join([lines[0].replace(b'"seed":7', b'"seed":8'), lines[1], look, lines[2]])
    )
    assert Run.open(folder).digest == digest
    path.write_bytes(b"".join([lines[0], lines[1].replace(b"5000", b"5001"), lines[2]]))
    assert Run.open(folder).digest != digest


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def test_a_series_is_read_when_it_is_first_used(tmp_path, monkeypatch):
    times, values = np.array([0, 15_000]), np.array([0.9, 0.8])
    save_series(tmp_path / "series.npz", {"0.times": times}, times, {"accuracy": values})
    series, truth_times, truth = read_series(tmp_path / "series.npz")
    assert ([*series], [*truth]) == (["0.times"], ["accuracy"])
    assert truth["accuracy"].tolist() == values.tolist()
    assert (series["0.times"] == truth_times).all()
    monkeypatch.setattr(np, "load", None)
    assert series["0.times"].tolist() == [0, 15_000], "once"
    with pytest.raises(KeyError):
        series["truth/times"]


@settings(max_examples=50)
@given(value=plain)
def test_normalizing_is_idempotent_and_survives_json(value):
    once = normalize(value)
    assert normalize(once) == once
    assert json.loads(json.dumps(once)) == once


def test_another_run_is_not_overwritten(folder, tmp_path):
    with pytest.raises(RunError, match="contains a run; replace it with --force"):
        make_folder(folder)
    make_folder(folder, force=True)
    assert list(folder.iterdir()) == []
    (folder / "thesis.tex").write_text("x")
    with pytest.raises(RunError, match="is not empty and has no run"):
        make_folder(folder, force=True)
    assert (folder / "thesis.tex").exists()


def test_events_are_on_disk_during_the_run(quiet, tmp_path):
    counts = []

    def count_lines(now):
        counts.append(len((tmp_path / "log.jsonl").read_bytes().splitlines()))

    play(quiet, 1, folder=tmp_path, progress=count_lines)
    assert counts == sorted(counts)
    assert counts[0] > 1
    # The last line is the seal.
    assert counts[-1] + 1 == len((tmp_path / "log.jsonl").read_bytes().splitlines())


def test_the_inputs_are_enough_for_a_replay(drill, tmp_path):
    """A setting loaded from the run's folder gives the same run, history included."""
    setting = drill(SLOW, duration="15m")
    inputs.write(setting, tmp_path / "inputs")
    again = load(tmp_path / "inputs" / inputs.SCENARIO)
    orders = [(12, "rollback", {"target": "serving"}), (13, "page", {"team": "data"})]
    a, b = play_orders(setting, *orders), play_orders(again, *orders)
    assert a.digest == b.digest
    assert sample_bytes(a) == sample_bytes(b)
    data = json.loads((tmp_path / "inputs" / "data.json").read_text())
    assert (data["source"], data["rows"]) == ("synthetic", 6000)


def test_a_players_text_is_logged_unchanged(quiet, tmp_path):
    text = 'Löschen? "no"\n\u2028</script>\x00'
    run = play(quiet, 1, Orders((6, "status_update", {"text": text})), folder=tmp_path)
    assert [e.args["text"] for e in Run.open(tmp_path).of(OrderEvent)] == [text]
    assert Run.open(tmp_path).events == run.events
