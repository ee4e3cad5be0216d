"""The format of a scenario's `expect`: the truth about its incident, and a good answer."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from simulator.scenario.base import Frozen, Name, Text
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Severity, format_ms

# The answers that are no orders of the world.
PASSIVE_ANSWERS = ("waiting",)


class SeverityFrom(Frozen):
    """The right severity from a moment of an incident on."""

    from_: Duration = Field(alias="from")
    """The time since the start of the incident."""
    is_: Severity = Field(alias="is")
    """The right severity from then on."""


class ExpectedEscalation(Frozen):
    """A team that has to be called, with the reason."""

    to: Name
    """The team."""
    reason: Literal["owner", "permission", "time_box"] = "owner"
    """Only they can end the fault; the right action needs their approval; or no progress."""
    from_: Duration | None = Field(None, alias="from")
    """The time since the start of the incident; by default when the fault lands."""
    action: Name | None = None
    """The action that needs an approval."""
    after: Duration | None = None
    """The time without progress after which they are needed."""

    @model_validator(mode="after")
    def _fits_its_reason(self) -> Self:
        reason = self.reason
        if reason == "time_box" and self.after is None:
            raise ValueError("a time_box needs `after`, the time without progress")
        present = {"after": self.after, "action": self.action, "from": self.from_}
        of_reason = {"time_box": {"after"}, "permission": {"action", "from"}, "owner": {"from"}}
        raise_issues(
            [
                Issue((key,), f"is not for the reason {reason}")
                for key, value in present.items()
                if value is not None and key not in of_reason[reason]
            ]
        )
        return self


class Expect(Frozen):
    """The truth about the incident, and a good answer; hidden from players."""

    cause: Text | tuple[Text, ...] | None = None
    """The true cause, as `type.fault`, or several; absent without a fault."""
    owner: tuple[Name, ...] = ()
    """The teams that can fix it."""
    escalate: tuple[ExpectedEscalation, ...] | None = None
    """The teams that have to be called, for every reason that is named; empty for none at all.

    By default they follow from the faults, from what teams own and may order, and from the played
    team's escalation policy.
    """
    inform: tuple[Name, ...] = ()
    """Who must be informed; by default those whom the severity says."""
    mitigate_within: Duration | None = None
    """The time limit from the first breach until the objectives hold again."""
    acknowledge_within: Duration | None = None
    """The time limit from the first breach until a page is acknowledged."""
    recover_within: Duration | None = None
    """The time limit from the first breach until debts are paid too."""
    must_page: tuple[Name, ...] = ()
    """The teams that must be paged."""
    must_not: tuple[Name, ...] = ()
    """Actions that fail the drill (drill catalogue actions)."""
    budget: Mapping[Name, Duration] = {}
    """The longest total breach of each objective."""
    severity: tuple[SeverityFrom, ...] = ()
    """The right severity over time, earliest first; by default by the on-call file's severities."""
    acceptable: tuple[Name, ...] = ()
    """What is no mistake here: actions, debts that may stay, and `waiting`.

    An action: its debts may stay to the end, and its orders may be about healthy things. `waiting`:
    who answers the page and then does nothing is right.
    """

    @field_validator("severity")
    @classmethod
    def _in_order(cls, path: tuple[SeverityFrom, ...]) -> tuple[SeverityFrom, ...]:
        raise_issues([
            Issue((n, "from"), f"given {format_ms(later.from_)!r}, not after the one before it")
            for n, (earlier, later) in enumerate(pairwise(path), 1)
            if later.from_ <= earlier.from_
        ])  # fmt: skip
        return path
