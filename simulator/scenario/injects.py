"""The format of injects: faults, changes and messages, planned or contingent.

An inject starts at its time (`at`), or waits for a condition (`when`); at that moment it is dropped
if another condition holds (`unless`)::

    - {at: 45m, fault: slow_build, args: {build: 9, factor: 6}}
    - {unless: {event: declared, by: 80m}, message: {...}}
    - {at: 50m, unless: {mitigated: true}, message: {...}}
    - {when: {objective: latency_p99, breached: 10m, by: 2h}, message: {...}}
    - {at: 1h, when: {event: declared, after: 5m}, fault: node_loss, args: {node: 1}}
"""

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


class InjectCondition(Frozen):
    """A condition of an inject: exactly one of event, objective and mitigated."""

    event: Name | None = None
    """An event of the response that has happened: declared, acknowledged, …"""
    objective: Name | None = None
    """An objective that has been breached, or has held, for some time."""
    breached: Duration | None = None
    """How long the objective has been breached without a break."""
    held: Duration | None = None
    """How long the objective has held without a break."""
    mitigated: Literal[True] | None = None
    """An objective has been breached since the first fault began, and all objectives hold."""

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        issues = []
        keys = [key for key in ("event", "objective", "mitigated") if getattr(self, key)]
        if len(keys) != 1:
            text = f"given {' and '.join(keys) or 'none'}"
            issues.append(Issue((), f"expected one of event, objective, mitigated; {text}"))
        durations = [key for key in ("breached", "held") if getattr(self, key) is not None]
        if "objective" not in keys:
            issues += [Issue((key,), "only an objective has it") for key in durations]
        elif len(durations) != 1:
            text = f"given {' and '.join(durations) or 'none'}"
            issues.append(Issue((), f"expected one of breached, held; {text}"))
        raise_issues(issues)
        return self

    def implies(self, other: "InjectCondition") -> bool:
        """Whether the other condition holds whenever this one does.

        Examples
        --------
        >>> long = InjectCondition(objective="accuracy", breached="10m")
        >>> long.implies(InjectCondition(objective="accuracy", breached="5m"))
        True
        """
        if self.event or other.event:
            return self.event == other.event
        if self.mitigated:
            return bool(other.mitigated or other.held == 0)
        durations = (self.breached, other.breached), (self.held, other.held)
        return self.objective == other.objective and any(
            longer is not None and shorter is not None and longer >= shorter
            for longer, shorter in durations
        )


class When(InjectCondition):
    """The condition that an inject waits for."""

    after: Duration | None = None
    """The time since the event."""
    by: Duration | None = None
    """The latest time, from the start; by default the end of the drill."""

    @model_validator(mode="after")
    def _after_an_event(self) -> Self:
        if self.after is not None and self.event is None:
            raise_issues([Issue(("after",), "only an event has it")])
        return self


class Unless(InjectCondition):
    """The condition that makes an inject unnecessary when it is due."""

    by: Duration | None = None
    """The time of the inject, if it has neither `at` nor `when`."""


class Inject(Frozen):
    """One inject: exactly one of fault, change and message."""

    id: Name | None = None
    """Its name in logs and reports; by default that of the fault or change, then with -2, -3."""
    at: Duration | None = None
    """Its time, from the start; with `when` the earliest."""
    when: When | None = None
    """It starts as soon as this holds, after the warm-up; objectives are measured at scrapes."""
    unless: Unless | None = None
    """It is dropped if this holds when it would start."""
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

    @property
    def earliest(self) -> int:
        """Its time, ms; with `when` the earliest."""
        deadline = self.unless.by if self.unless is not None else None
        return self.at or deadline or 0

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        issues = []
        does = [key for key in ("fault", "change", "message") if getattr(self, key) is not None]
        if len(does) != 1:
            keys = " and ".join(does) if does else "none"
            issues.append(Issue((), f"expected one of fault, change, message; given {keys}"))
        if self.for_ is not None and "fault" not in does:
            issues.append(Issue(("for",), "only a fault has it"))
        if does == ["message"]:
            given_too = [key for key in ("target", "args") if getattr(self, key)]
            issues += [Issue((key,), "a message has none") for key in given_too]
        if self.id and self.id.startswith("order-"):
            issues.append(Issue(("id",), "'order-…' is taken: by the twins without an order"))
        raise_issues([*issues, *self._timing_issues()])
        return self

    def _timing_issues(self) -> list[Issue]:
        unless, has_time = self.unless, self.at is not None or self.when is not None
        if unless is None:
            text = "expected at, when or unless; given none"
            return [] if has_time else [Issue((), text)]
        if not has_time and unless.by is None:
            return [Issue(("unless", "by"), "is missing: an inject without at and when needs it")]
        if has_time and unless.by is not None:
            key = "at" if self.when is None else "when"
            return [Issue(("unless", "by"), f"leave it out: the inject's time is its {key}")]
        if self.when is not None and self.when.implies(unless):
            return [Issue(("unless",), "holds whenever `when` does: the inject never starts")]
        return []
