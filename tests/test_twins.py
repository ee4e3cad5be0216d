"""The same seed with one thing changed."""

import multiprocessing

import numpy as np
import pytest

from simulator import twins
from simulator.run import Run
from simulator.twins import Beside, TwinFailed, play, twin
from tests.small.story import LATE, SLOW, Orders, happened, played, tables


def test_the_no_fault_twin_is_the_quiet_drill(drill, quiet):
    found = twin(drill(SLOW, LATE), 2, "no-fault")
    calm = played(quiet, seed=2)
    assert happened(found) == happened(calm)
    assert tables(found) == tables(calm)
    assert found.header["twin"] == "no-fault"
    assert found.header["faults"] == []


def test_the_no_fault_twin_keeps_what_is_no_fault(drill):
    change = {"at": "8m", "change": "release", "args": {"target": "serving", "build": 9}}
    said = {"at": "9m", "message": {"from": "product", "to": "primary", "text": "All well?"}}
    found = twin(drill(change, said, SLOW), 2, "no-fault")
    assert [event.data["type"] for event in found.of("inject")] == ["change", "message"]


def test_the_none_twin_has_the_faults_and_nobody(drill):
    setting = drill(SLOW)
    run = play(setting, 2, Orders((12, "acknowledge", {}), (13, "restart", {})))
    none = twin(setting, 2, "none")
    assert [e.data["name"] for e in none.of("landed")] == [e.data["name"] for e in run.of("landed")]
    assert list(none.of("order")) == []
    first = next(event.t for event in run.of("order"))
    assert [e for e in run.events if e.t < first] == [e for e in none.events if e.t < first]


def test_twins_in_processes_of_their_own_are_the_same(drill, tmp_path):
    setting = drill(SLOW)
    beside = Beside(setting, 3, tmp_path)
    found = beside.wait()
    assert set(found) == {"no-fault", "none"}
    for which, run in found.items():
        alone = twin(setting, 3, which)
        assert run.digest == alone.digest
        assert all(
            np.array_equal(run.truth[name], alone.truth[name], equal_nan=True) for name in run.truth
        )
    assert Run.open(tmp_path / "twins" / "none").complete


def test_a_twin_that_dies_is_told_in_one_line(quiet, tmp_path, monkeypatch, capfd):
    def broken(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(twins, "twin", broken)
    beside = Beside(quiet, 3, tmp_path)
    with pytest.raises(TwinFailed, match="no-fault"):
        beside.wait()
    beside.stop()
    assert "Traceback" not in capfd.readouterr().err


def test_twins_whose_run_was_killed_end_themselves(quiet, tmp_path):
    """Nobody is left to end them: they find that they are another's children."""
    (tmp_path / "none").mkdir()
    nobody = 0
    process = multiprocessing.get_context("fork").Process(
        target=twins._alone, args=(quiet, 3, ("none",), tmp_path, None, nobody)
    )
    process.start()
    process.join()
    assert process.exitcode == 1
    assert not (tmp_path / "none" / "series.npz").exists()


def test_twins_that_are_not_needed_are_ended(quiet, tmp_path):
    beside = Beside(quiet, 3, tmp_path)
    beside.stop()
    beside.stop()
    assert all(process.exitcode is not None for process in beside._processes.values())
