"""What happens in a drill: faults, changes and messages, planned or contingent."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Frozen, Name, Text
from simulator.source import Issue, raise_issues
from simulator.units import Duration


class Message(Frozen):
    """Something that somebody says to a player."""

    from_: Name = Field(alias="from")
    """Who says it."""
    to: Name
    """Who hears it: a team, or a role such as primary."""
    text: Text
    """What is said."""


class Unless(Frozen):
    """An action that is expected; the inject is sent only if it did not happen."""

    event: Name
    """The event that is expected: declared, acknowledged, …"""
    by: Duration
    """By when."""


class Inject(Frozen):
    """One thing that happens: exactly one of fault, change and message."""

    id: Name | None = None
    """Its name in logs and reports; by default that of the fault or change, then with -2, -3."""
    at: Duration | None = None
    """When, from the start."""
    unless: Unless | None = None
    """Instead of `at`: only if an expected action did not happen."""
    fault: Text | None = None
    """A change of the pipeline's laws (drill catalogue faults)."""
    change: Text | None = None
    """An action that the organisation takes itself and can undo (drill catalogue actions)."""
    message: Message | None = None
    """Something said to a player."""
    target: Name | None = None
    """The stage that it bites on."""
    args: Mapping[str, Any] = {}
    """Arguments of the fault or change."""
    for_: Duration | None = Field(None, alias="for")
    """How long a fault lasts; until what it bites on is mended where this is absent."""

    @property
    def kind(self) -> Literal["fault", "change", "message"]:
        """Which of the three it is."""
        return "fault" if self.fault else "change" if self.change else "message"

    @property
    def what(self) -> str:
        """The name of the fault or change; `message` for a message."""
        return self.fault or self.change or "message"

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        wrongs = []
        does = [key for key in ("fault", "change", "message") if getattr(self, key) is not None]
        if len(does) != 1:
            given = " and ".join(does) if does else "none"
            wrongs.append(Issue((), f"expected one of fault, change, message; given {given}"))
        if (self.at is None) == (self.unless is None):
            given = "neither" if self.at is None else "both"
            wrongs.append(Issue((), f"expected at or unless; given {given}"))
        if self.for_ is not None and "fault" not in does:
            wrongs.append(Issue(("for",), "only a fault has it"))
        if does == ["message"]:
            given_too = [key for key in ("target", "args") if getattr(self, key)]
            wrongs += [Issue((key,), "a message has none") for key in given_too]
        raise_issues(wrongs)
        return self
