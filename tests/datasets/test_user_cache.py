"""The user's cache folder."""

from pathlib import Path

from simulator.datasets.user_cache import cache_folder


def test_a_relative_cache_is_not_valid(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ana")
    monkeypatch.setenv("XDG_CACHE_HOME", "caches")
    assert cache_folder() == Path("/home/ana/.cache/ml-gameday")
