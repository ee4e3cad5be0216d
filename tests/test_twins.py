"""Twins: runs of the same seed with one difference."""

import multiprocessing

import numpy as np
import pytest

from simulator import twins
from simulator.run import Run
from simulator.twins import TwinFailed, TwinPool, play, play_twin
from tests.small.playing import LATE, SLOW, Orders, play_orders, sample_bytes, simulated_events


def test_the_no_fault_twin_is_the_drill_without_faults(drill, quiet):
    twin = play_twin(drill(SLOW, LATE), 2, "no-fault")
    without_faults = play_orders(quiet, seed=2)
    assert simulated_events(twin) == simulated_events(without_faults)
    assert sample_bytes(twin) == sample_bytes(without_faults)
    assert twin.header["twin"] == "no-fault"
    assert twin.header["faults"] == []


def test_the_no_fault_twin_keeps_changes_and_messages(drill):
    change = {"at": "8m", "change": "release", "args": {"target": "serving", "build": 9}}
    message = {"at": "9m", "message": {"from": "product", "to": "primary", "text": "All well?"}}
    twin = play_twin(drill(change, message, SLOW), 2, "no-fault")
    assert [event.data["type"] for event in twin.of("inject")] == ["change", "message"]


def test_the_none_twin_has_the_faults_and_no_responder(drill):
    setting = drill(SLOW)
    run = play(setting, 2, Orders((12, "acknowledge", {}), (13, "restart", {})))
    none = play_twin(setting, 2, "none")
    assert [e.data["name"] for e in none.of("landed")] == [e.data["name"] for e in run.of("landed")]
    assert list(none.of("order")) == []
    first = next(event.t for event in run.of("order"))
    assert [e for e in run.events if e.t < first] == [e for e in none.events if e.t < first]


def test_twins_in_processes_are_the_same(drill, tmp_path):
    setting = drill(SLOW)
    twins_by_name = TwinPool(setting, 3, tmp_path).wait()
    assert set(twins_by_name) == {"no-fault", "none"}
    for name, run in twins_by_name.items():
        alone = play_twin(setting, 3, name)
        assert run.digest == alone.digest
        assert all(
            np.array_equal(run.truth[key], alone.truth[key], equal_nan=True) for key in run.truth
        )
    assert Run.open(tmp_path / "twins" / "none").complete


def test_a_failed_twin_is_one_line(quiet, tmp_path, monkeypatch, capfd):
    def broken(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(twins, "play_twin", broken)
    pool = TwinPool(quiet, 3, tmp_path)
    with pytest.raises(TwinFailed, match="no-fault"):
        pool.wait()
    pool.stop()
    assert "Traceback" not in capfd.readouterr().err


def test_twins_of_a_killed_run_exit(quiet, tmp_path):
    """They notice that they have another parent."""
    (tmp_path / "none").mkdir()
    killed_parent = 0
    process = multiprocessing.get_context("fork").Process(
        target=twins._twin_process, args=(quiet, 3, ("none",), tmp_path, None, killed_parent)
    )
    process.start()
    process.join()
    assert process.exitcode == 1
    assert not (tmp_path / "none" / "series.npz").exists()


def test_a_stopped_pool_has_no_running_process(quiet, tmp_path):
    pool = TwinPool(quiet, 3, tmp_path)
    pool.stop()
    pool.stop()
    assert all(process.exitcode is not None for process in pool._processes.values())
