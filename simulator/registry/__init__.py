"""The catalogue of parts: a part's name in YAML is its file's name.

`simulator/faults/memory_leak.py` is `fault: memory_leak`. A folder is listed without importing
its files, a part is imported when it is first used, and an invalid part is an error.
"""

from simulator.registry.describe import (
    FieldDescription,
    PartDescription,
    describe,
    first_sentence,
    unit_of,
)
from simulator.registry.example import example_args, reference_of, unknown_name
from simulator.registry.registry import (
    Args,
    FreeText,
    Part,
    PartError,
    Refers,
    Registry,
    UnknownPart,
    part,
)  # fmt: skip

__all__ = [
    "Args", "FieldDescription", "FreeText", "Part", "PartDescription", "PartError", "Refers",
    "Registry", "UnknownPart", "describe", "example_args", "first_sentence", "part", "reference_of",
    "unit_of", "unknown_name",
]  # fmt: skip
