"""The shipped drills and their families."""

from __future__ import annotations

from functools import cache

from simulator.source import load, shipped_files


@cache
def families() -> dict[str, list[str]]:
    """The drills of each family: they begin with the same alert."""
    result: dict[str, list[str]] = {}
    for name, file in sorted(shipped_files("drill").items()):
        family = load(file).plain().get("family")
        if family:
            result.setdefault(family, []).append(name)
    return result


def drill_names() -> list[str]:
    """All shipped drills."""
    return sorted(shipped_files("drill"))
