"""The format of injects: faults, changes and messages, planned or contingent."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Frozen, Name, Text
from simulator.source import Issue, raise_issues
from simulator.units import Duration


class Message(Frozen):
    """A message to a player."""

    from_: Name = Field(alias="from")
    """The sender."""
    to: Name
    """The recipient: a team, or a role such as primary."""
    text: Text
    """The message."""


class Unless(Frozen):
    """An expected action; the inject is delivered only if it did not happen."""

    event: Name
    """The expected event: declared, acknowledged, …"""
    by: Duration
    """Its deadline."""


class Inject(Frozen):
    """One inject: exactly one of fault, change and message."""

    id: Name | None = None
    """Its name in logs and reports; by default that of the fault or change, then with -2, -3."""
    at: Duration | None = None
    """Its time, from the start."""
    unless: Unless | None = None
    """Instead of `at`: only if an expected action did not happen."""
    fault: Text | None = None
    """A change of the pipeline's laws (drill catalogue faults)."""
    change: Text | None = None
    """An action of the organisation itself, which can be undone (drill catalogue actions)."""
    message: Message | None = None
    """A message to a player."""
    target: Name | None = None
    """The stage that it affects."""
    args: Mapping[str, Any] = {}
    """Arguments of the fault or change."""
    for_: Duration | None = Field(None, alias="for")
    """The duration of a fault; by default until it is fixed."""

    @property
    def kind(self) -> Literal["fault", "change", "message"]:
        """The kind of inject."""
        return "fault" if self.fault else "change" if self.change else "message"

    @property
    def part_name(self) -> str:
        """The name of the fault or change; `message` for a message."""
        return self.fault or self.change or "message"

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        issues = []
        does = [key for key in ("fault", "change", "message") if getattr(self, key) is not None]
        if len(does) != 1:
            keys = " and ".join(does) if does else "none"
            issues.append(Issue((), f"expected one of fault, change, message; given {keys}"))
        if (self.at is None) == (self.unless is None):
            keys = "neither" if self.at is None else "both"
            issues.append(Issue((), f"expected at or unless; given {keys}"))
        if self.for_ is not None and "fault" not in does:
            issues.append(Issue(("for",), "only a fault has it"))
        if does == ["message"]:
            given_too = [key for key in ("target", "args") if getattr(self, key)]
            issues += [Issue((key,), "a message has none") for key in given_too]
        raise_issues(issues)
        return self
