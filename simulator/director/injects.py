"""Injects: scheduled or contingent faults, changes and messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.director.conditions import BoundCondition
from simulator.faults import Fault


@dataclass(frozen=True)
class BoundInject:
    """One inject, bound to its parts.

    A change is an ordinary action ordered by a system actor.
    """

    id: str
    type: str  # fault, change or message
    name: str  # of the fault or action; the recipient of a message
    target: str
    args: Mapping[str, Any]
    at: int = 0  # ms; with `when` the earliest time
    when: BoundCondition | None = None  # it starts as soon as this holds
    latest: int | None = None  # ms; it is dropped if `when` has not held by then
    unless: BoundCondition | None = None  # it is dropped if this holds when it would start
    lasts: int | None = None  # ms
    fault: Fault | None = None
    text: str = ""
    sender: str = ""
