"""The catalogue: a part's name in YAML is its file's name.

`simulator/faults/memory_leak.py` is `fault: memory_leak`. A folder is listed without importing
its files, a part is imported when it is asked for, and whatever is wrong with it is an error.
"""

from simulator.registry.describe import Described, Entry, describe, first_sentence, unit_of
from simulator.registry.example import example_args, reference_of, unknown_name
from simulator.registry.parts import (
    Args,
    FreeText,
    Part,
    PartError,
    Refers,
    Registry,
    UnknownPart,
    part,
)

__all__ = [
    "Args",
    "Described",
    "Entry",
    "FreeText",
    "Part",
    "PartError",
    "Refers",
    "Registry",
    "UnknownPart",
    "describe",
    "example_args",
    "first_sentence",
    "part",
    "reference_of",
    "unit_of",
    "unknown_name",
]
