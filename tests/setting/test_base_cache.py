"""Bases: what is kept, for whom, and that a drill is the same with a kept one."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from simulator.play import play
from simulator.setting import base_cache, load, parse
from simulator.setting.bind import bind_names
from simulator.setting.pipeline_base import base_key
from tests.small.playing import SMALL


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache, on disk and in memory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(base_cache, "_in_memory", {})
    return tmp_path / "ml-gameday" / "bases"


def forget(monkeypatch) -> None:
    """What another process finds: nothing in memory."""
    monkeypatch.setattr(base_cache, "_in_memory", {})


def key_of(*overrides: str) -> str:
    document, scenario = parse(SMALL, overrides)
    return base_key(scenario, bind_names(document, scenario))


def test_a_drill_on_a_kept_base_has_the_same_digest(cache, monkeypatch):
    first = play(load(SMALL), 1).digest
    [file] = cache.iterdir()
    forget(monkeypatch)
    monkeypatch.setattr("simulator.setting.make_base", None)  # it would fail if it were called
    assert play(load(SMALL), 1).digest == first
    assert play(load(SMALL), 1).digest == first  # in memory, after a run on it
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", ["cut", "changed", "writable", "link"])
def test_a_file_that_others_could_have_written_is_not_read(cache, monkeypatch, damage):
    load(SMALL)
    [file] = cache.iterdir()
    content = file.read_bytes()
    if damage == "cut":
        file.write_bytes(content[:1000])
    elif damage == "changed":
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif damage == "writable":
        file.chmod(0o666)
    else:
        file.rename(cache.parent / "elsewhere")
        file.symlink_to(cache.parent / "elsewhere")
    forget(monkeypatch)
    monkeypatch.setattr(pickle, "loads", None)
    assert load(SMALL).world.now == 0


def test_what_a_base_depends_on_is_in_its_key():
    keys = [
        key_of(),
        key_of("starts_at=2026-03-10T12:00:00-04:00"),
        key_of("pipeline.traffic.rate=31/s"),
        key_of("history=3h"),
    ]
    assert len({*keys}) == len(keys)
    assert key_of("duration=31m", "hold=1m", "injects=[]") == key_of()


def test_the_least_recently_used_base_goes_first(cache, monkeypatch):
    monkeypatch.setattr(base_cache, "MAX_FILES", 1)
    load(SMALL)
    [first] = cache.iterdir()
    load(SMALL, ["history=3h"])
    [second] = cache.iterdir()
    assert first != second


def test_a_cache_that_cannot_be_written_costs_only_time(cache):
    cache.parent.mkdir(parents=True)
    cache.write_text("in the way")
    assert load(SMALL).world.now == 0
