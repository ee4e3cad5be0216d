"""Twins in processes: the same as alone, stopped with their run, and one line where they fail."""

import multiprocessing
import os

import pytest

from simulator.play import TwinFailed, TwinPool, play_twin, worker
from simulator.play.twins import NO_FAULT_TWIN, NONE_TWIN
from simulator.run import Run
from tests.small.playing import SLOW, sample_bytes


@pytest.mark.parametrize("method", ["fork", pytest.param("spawn", marks=pytest.mark.slow)])
def test_twins_in_processes_are_the_same(drill, tmp_path, method):
    setting = drill(SLOW)
    with TwinPool(setting, 3, tmp_path, method=method) as pool:
        pool.add([NO_FAULT_TWIN, NONE_TWIN])
        runs = pool.wait()
    assert list(runs) == ["no-fault", "none"]
    for twin in (NO_FAULT_TWIN, NONE_TWIN):
        alone = play_twin(setting, 3, twin)
        assert runs[twin.name].digest == alone.digest
        assert sample_bytes(runs[twin.name]) == sample_bytes(alone)
    assert Run.open(tmp_path / "twins" / "none").complete


def fail_with(error):
    def play_twin(*args, **kwargs):
        raise error

    return play_twin


def test_a_failed_twin_is_one_line(quiet, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(worker, "play_twin", fail_with(OSError(28, "No space left on device")))
    with TwinPool(quiet, 3, tmp_path) as pool:
        pool.add([NONE_TWIN])
        with pytest.raises(TwinFailed, match="the twin 'none': No space left on device"):
            pool.wait()
    assert "Traceback" not in capfd.readouterr().err


def test_a_twin_whose_process_is_killed_is_one_line(quiet, tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "play_twin", lambda *args, **kwargs: os.kill(os.getpid(), 9))
    with TwinPool(quiet, 3, tmp_path) as pool:
        pool.add([NONE_TWIN])
        with pytest.raises(TwinFailed, match="the twin 'none': it ended with exit code -9"):
            pool.wait()


def test_twins_of_a_killed_run_exit(quiet, tmp_path):
    """They notice that they have another parent."""
    (tmp_path / "twins").mkdir()
    ours, theirs = multiprocessing.Pipe()
    killed_parent = 0
    process = multiprocessing.get_context("fork").Process(
        target=worker.play_jobs, args=(quiet, 3, tmp_path, theirs, killed_parent), daemon=True
    )
    process.start()
    ours.send([worker.TwinJob(NONE_TWIN, "", of_run=False)])
    process.join()
    assert process.exitcode == 1
    assert not (tmp_path / "twins" / "none" / "series.npz").exists()


def test_processes_that_wait_for_a_killed_run_exit(quiet, tmp_path, monkeypatch):
    """They have both ends of their pipe, and poll."""
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.01)
    _, theirs = multiprocessing.Pipe()
    killed_parent = 0
    process = multiprocessing.get_context("fork").Process(
        target=worker.play_jobs, args=(quiet, 3, tmp_path, theirs, killed_parent), daemon=True
    )
    process.start()
    process.join(10)
    assert process.exitcode == 1


@pytest.mark.slow
def test_spawned_processes_see_that_their_pipe_is_closed(tmp_path):
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=worker.play_jobs, args=(None, 3, tmp_path, theirs, os.getpid()), daemon=True
    )
    process.start()
    theirs.close()
    ours.close()
    process.join()
    assert process.exitcode == 1


def test_a_stopped_pool_has_no_running_process(quiet, tmp_path):
    pool = TwinPool(quiet, 3, tmp_path)
    pool.add([NO_FAULT_TWIN, NONE_TWIN])
    pool.stop()
    pool.stop()
    assert len(pool._processes) == 2
    assert all(process.exitcode is not None for process in pool._processes.values())
