"""Twins kept for the next run: each is played once for all that it depends on."""

import os

import numpy as np
import pytest

from simulator.play import cache, keys, play_with_twins
from simulator.play.cache import TwinCache
from simulator.run import Header, Log, Run
from simulator.run.seal import write_sealed
from tests.small.playing import SLOW, Orders


@pytest.fixture
def play_into(twin_cache, tmp_path):
    """`play_into("a", setting, seed=1, orders)`: the run, and the twins that the cache got by it."""

    def play_into(name, setting, *orders, seed=1):
        before = entries(twin_cache)
        folder = tmp_path / name
        folder.mkdir()
        responder = Orders(*orders) if orders else None
        run = play_with_twins(setting, seed, responder, name="by hand", folder=folder)
        new = entries(twin_cache) - before
        return run, sorted(Run.open(twin_cache / key).header.twin for key in new)

    return play_into


def entries(folder):
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


SHORT = {"duration": "15m"}
LOOK, ACT = (12, "acknowledge", {}), (13, "restart", {})


def test_another_responder_plays_no_twin_that_the_first_has_played(drill, play_into):
    setting = drill(SLOW, **SHORT)
    first, played = play_into("first", setting)
    assert played == ["no-fault", "none"]
    second, played = play_into("second", setting, LOOK, ACT)
    assert played == ["without-order-ml-2"]
    assert second.digest != first.digest
    for name in ("no-fault", "none"):
        assert second.twins[name].digest == first.twins[name].digest
        assert second.twins[name].folder == second.folder / "twins" / name


def test_another_input_seed_or_program_plays_anew(drill, play_into, monkeypatch):
    play_into("first", drill(SLOW, **SHORT))
    both = ["no-fault", "none"]
    assert play_into("inputs", drill({**SLOW, "at": "9m"}, **SHORT))[1] == both
    assert play_into("seed", drill(SLOW, **SHORT), seed=2)[1] == both
    monkeypatch.setattr(keys, "program_digest", lambda: "another")
    assert play_into("program", drill(SLOW, **SHORT))[1] == both


def test_twins_with_orders_depend_on_the_orders(drill, play_into):
    setting = drill(SLOW, {**SLOW, "id": "slower"}, **SHORT)
    assert play_into("first", setting, LOOK)[1] == [
        "no-fault", "none", "without-slow", "without-slower"]  # fmt: skip
    assert play_into("same", setting, LOOK)[1] == []
    assert play_into("later", setting, (12.5, "acknowledge", {}))[1] == [
        "without-slow", "without-slower"]  # fmt: skip


def test_a_damaged_entry_is_played_anew(drill, play_into, twin_cache):
    setting = drill(SLOW, **SHORT)
    first, _ = play_into("first", setting)
    for entry in twin_cache.iterdir():
        (entry / "log.jsonl").write_text("{}")
    second, _ = play_into("second", setting)
    assert {name: run.digest for name, run in second.twins.items()} == {
        name: run.digest for name, run in first.twins.items()
    }
    assert all((entry / "log.jsonl").stat().st_size > 100 for entry in twin_cache.iterdir())


def test_a_cache_that_cannot_be_written_is_done_without(drill, play_into, twin_cache):
    twin_cache.parent.parent.write_text("not a folder")
    run, _ = play_into("first", drill(SLOW, **SHORT))
    assert set(run.twins) == {"no-fault", "none"}


# -- the cache itself ------------------------------------------------------------------------


@pytest.fixture
def twin(tmp_path):
    folder = tmp_path / "twin"
    folder.mkdir()
    log = Log(folder / "log.jsonl")
    log.write(Header(0, "run"))
    write_sealed(log, folder, {}, np.zeros(0, np.int64), {})
    log.close()
    return folder


def test_a_kept_twin_has_the_same_files(twin, tmp_path):
    twins = TwinCache(tmp_path / "kept")
    twins.keep("key", twin)
    twins.keep("key", twin)
    assert entries(tmp_path / "kept") == {"key"}
    cache.write_twin(twins.load("key"), tmp_path / "copy")
    assert all((tmp_path / "copy" / n).read_bytes() == (twin / n).read_bytes() for n in cache.FILES)
    assert twins.load("other") is None


@pytest.mark.parametrize("damage", ["cut", "changed", "missing", "empty"])
def test_a_damaged_entry_is_deleted(twin, tmp_path, damage):
    twins = TwinCache(tmp_path / "kept")
    twins.keep("key", twin)
    file = tmp_path / "kept" / "key" / "log.jsonl"
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-1])
    elif damage == "changed":
        file.write_bytes(file.read_bytes().replace(b"none", b"nobody"))
    elif damage == "missing":
        file.unlink()
    else:
        file.write_bytes(b"")
    assert twins.load("key") is None
    assert entries(tmp_path / "kept") == set()


def test_the_least_recently_used_go_first(twin, tmp_path, monkeypatch):
    twins = TwinCache(tmp_path / "kept")
    for age, key in enumerate("cba"):
        twins.keep(key, twin)
        os.utime(tmp_path / "kept" / key, (age, age))
    assert twins.load("c"), "used now, the oldest until then"
    monkeypatch.setattr(cache, "MAX_ENTRIES", 3)
    twins.keep("d", twin)
    assert entries(tmp_path / "kept") == {"a", "c", "d"}
    size = sum(file.stat().st_size for file in (tmp_path / "kept" / "d").iterdir())
    monkeypatch.setattr(cache, "MAX_BYTES", 2 * size)
    twins.keep("e", twin)
    assert len(entries(tmp_path / "kept")) == 2
    assert "e" in entries(tmp_path / "kept")
