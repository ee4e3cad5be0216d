"""The systems that a pipeline can play, one file each, with their own metric names.

A stage says which it is (`plays: kserve`); `SYSTEMS` finds it by the name of its file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, cast

from simulator.telemetry.collector import System


def names() -> tuple[str, ...]:
    """What can be played."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def make(name: str, **facts: Any) -> System:
    """The system of that name for one pipeline.

    Raises
    ------
    KeyError
        If there is none.
    """
    if name not in names():
        raise KeyError(name)
    maker = cast(Callable[[Mapping[str, Any]], System], import_module(f"{__name__}.{name}").System)
    return maker(facts)


def job_of(name: str) -> str:
    """The scrape job of the system of that name."""
    return str(import_module(f"{__name__}.{name}").System.job)
