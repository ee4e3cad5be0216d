"""Twins kept for the next run: each is played once for all that it depends on."""

import dataclasses
import os

import numpy as np
import pytest
from msgspec.structs import replace

from simulator.play import cache, keys, play_with_twins
from simulator.play.cache import TwinCache
from simulator.play.twins import NO_FAULT_TWIN, NONE_TWIN, Twin
from simulator.run import Header, Log, Player, Run
from simulator.run.events import OrderEvent, ResponderEvent
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
    return {path.name for path in folder.iterdir() if path.is_dir()} if folder.exists() else set()


SHORT = {"duration": "7m"}
EARLY = {**SLOW, "at": "5m"}
LOOK, ACT = (5.5, "acknowledge", {}), (6, "restart", {})


def test_another_responder_plays_no_twin_that_the_first_has_played(drill, play_into):
    setting = drill(EARLY, **SHORT)
    first, played = play_into("first", setting)
    assert played == ["no-fault", "none"]
    second, played = play_into("second", setting, LOOK, ACT)
    assert played == ["without-order-ml-2"]
    assert second.digest != first.digest
    for name in ("no-fault", "none"):
        assert second.twins[name].digest == first.twins[name].digest
        assert second.twins[name].folder == second.folder / "twins" / name


def test_another_input_plays_anew(drill, play_into):
    play_into("first", drill(EARLY, **SHORT))
    changed = drill({**SLOW, "at": "6m"}, **SHORT)
    assert play_into("second", changed)[1] == ["no-fault", "none"]


def test_a_key_depends_on_everything_that_a_twin_does(monkeypatch):
    base = keys.twin_key("inputs", 1, NONE_TWIN)
    assert base == keys.twin_key("inputs", 1, NONE_TWIN)
    other = [
        keys.twin_key("others", 1, NONE_TWIN),
        keys.twin_key("inputs", 2, NONE_TWIN),
        keys.twin_key("inputs", 1, NO_FAULT_TWIN),
    ]
    monkeypatch.setattr(keys, "program_digest", lambda: "another version")
    other.append(keys.twin_key("inputs", 1, NONE_TWIN))
    assert len({base, *other}) == 5


def run_with(*events, **header):
    log = Log()
    for event in (Header(0, "run", **header), *events):
        log.write(event)
    return Run(log.events, {}, np.zeros(0, np.int64), {}, log.digest)


def test_a_key_of_a_twin_with_orders_depends_on_the_run_as_well():
    twin = Twin("without-slow", "orders")
    order = OrderEvent(60_000, "ml", 1, "scale", {"replicas": 3})
    runs = [
        run_with(),
        run_with(order),
        run_with(replace(order, t=61_000)),
        run_with(replace(order, args={"replicas": 4})),
        run_with(order, ResponderEvent(90_000, "ml", "raised", "ValueError")),
        run_with(order, players=(Player("ml", "ml"),)),
    ]
    unique = {keys.twin_key("inputs", 1, twin, run) for run in runs}
    unique.add(keys.twin_key("inputs", 1, dataclasses.replace(twin, omitted={("ml", 1)}), runs[1]))
    assert len(unique) == 7
    simulated = run_with(order, replace(order, who="data", simulated=True))
    assert keys.twin_key("inputs", 1, twin, simulated) in unique, "it follows from the others"


def test_a_damaged_entry_is_played_anew(drill, play_into, twin_cache):
    setting = drill(EARLY, **SHORT)
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
    run, _ = play_into("first", drill(EARLY, **SHORT))
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
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / ".DS_Store").write_text("a file manager's")
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
