"""Whether an action changed any fact.

The world moves on by itself while an action takes its time. Between two of its pauses only the
action writes, so the facts are compared around each of these parts.
"""

from collections import deque
from collections.abc import Generator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.actions import ActionSteps, Result, Site


def watch_facts(steps: ActionSteps, site: Site) -> Generator[int, None, tuple[Result, bool]]:
    """Carry out the steps of an action; return its result, and whether it changed any fact."""
    changed = False
    while True:
        before = None if changed else _copied_facts(site)
        try:
            pause = next(steps)
        except StopIteration as end:
            return end.value, changed or not equal_facts(before, _facts(site))
        changed = changed or not equal_facts(before, _facts(site))
        yield pause


def _facts(site: Site) -> tuple[Any, ...]:
    """All that an order of effect `world` can write: the pipeline, and silences of alerts."""
    return site.world, site.alertmanager.silences


def _copied_facts(site: Site) -> tuple[Any, ...]:
    silences = {name: replace(silence) for name, silence in site.alertmanager.silences.items()}
    return site.world.clone(), silences


def equal_facts(left: Any, right: Any) -> bool:
    """Whether two facts are equal, whatever they consist of; a null equals a null.

    Examples
    --------
    >>> left = {"until": np.array([1.0, np.nan]), "cordoned": {2}}
    >>> equal_facts(left, {"until": np.array([1.0, np.nan]), "cordoned": {2}})
    True
    >>> equal_facts(left, {**left, "cordoned": {2, 3}})
    False
    """
    if left is right:
        return True
    if type(left) is not type(right):
        return isinstance(left, int | float | np.number) and bool(left == right)
    if isinstance(left, np.ndarray):
        return left.shape == right.shape and np.array_equal(_bits(left), _bits(right))
    if is_dataclass(left):
        names = [field.name for field in fields(left)]
        return all(equal_facts(getattr(left, name), getattr(right, name)) for name in names)
    if isinstance(left, Mapping):
        keys = left.keys() == right.keys()
        return keys and all(equal_facts(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple | deque):
        return len(left) == len(right) and all(map(equal_facts, left, right))
    if isinstance(left, float) and left != left:
        return bool(right != right)
    return bool(left == right)


def _bits(array: NDArray[Any]) -> NDArray[Any]:
    """Floats bit by bit, so that nulls are equal: four times as fast as `equal_nan`."""
    return np.ascontiguousarray(array).view(np.int64) if array.dtype == np.float64 else array
