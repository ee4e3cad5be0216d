"""The systems that a pipeline can play: one exporter a file, with the system's metric names.

A stage names its system (`plays: kserve`), which is the name of a file here.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, cast

from simulator.telemetry.exporter import Exporter


@cache
def exporter_names() -> tuple[str, ...]:
    """The systems that can be played."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def make_exporter(name: str, **facts: Any) -> Exporter:
    """The exporter of a system, for one pipeline.

    Raises
    ------
    KeyError
        If there is no such system.
    """
    if name not in exporter_names():
        raise KeyError(name)
    make = cast(Callable[[Mapping[str, Any]], Exporter], _exporter_class(name))
    return make(facts)


def scrape_job(name: str) -> str:
    """The scrape job of a system."""
    return _exporter_class(name).job


def _exporter_class(name: str) -> type[Exporter]:
    """The one subclass of Exporter that the system's file defines."""
    module = import_module(f"{__name__}.{name}")
    (exporter,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Exporter)
        and value.__module__ == module.__name__
    )
    return exporter
