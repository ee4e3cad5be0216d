"""The format of teams: who answers for them, what they own, and what they may order."""

from datetime import date
from typing import Annotated, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from simulator.scenario.base import Day, Frozen, Name, Positive, duplicates
from simulator.scenario.time_law import Law, law_of
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Ratio, format_ms


class ShortEscalation(Frozen):
    """The escalation of unacknowledged pages to the next members."""

    after: Duration = 300_000
    """The time to acknowledge."""
    levels: Annotated[Positive, Field(le=100)] = 3
    """The most people it is escalated to, one after the other."""


class May(Frozen):
    """What a team may not order, or only with an approval; everything else it may."""

    never: tuple[Name, ...] = ()
    """Actions that it must not order."""
    with_approval: tuple[Name, ...] = ()
    """Actions that need an approval, by the commander, the target's owner, or whom `ask` names."""
    ask: Name | None = None
    """The team that approves; by default the owner of the order's target.

    It is also asked for what must never be ordered, if no other team owns the target.
    """

    @staticmethod
    def meant_by(value: object) -> str:
        """The rights meant by bare actions."""
        if isinstance(value, list) and all(isinstance(name, str) for name in value):
            return f"{{never: [{', '.join(value)}]}}"
        return ""

    @model_validator(mode="after")
    def _once(self) -> Self:
        raise_issues(
            [
                Issue(("with_approval", number), f"{name!r} is also under never")
                for number, name in enumerate(self.with_approval)
                if name in self.never
            ]
        )
        return self


class Team(Frozen):
    """A team: a rotation of its members, or an escalation policy."""

    other_words: ClassVar = {
        **dict.fromkeys(("people", "users", "person"), "members"),
        **dict.fromkeys(("escalation_policy", "policies", "schedule"), "policy"),
        "rights": "may",
    }

    members: tuple[Name, ...] | None = Field(default=None, min_length=1)
    """The short form: its members in the order of their shifts."""
    policy: Name | None = None
    """The escalation policy of its pages, in place of members."""
    rotation: Duration = 7 * 86_400_000
    """The length of a shift, of members."""
    starts: Day = date(1970, 1, 1)
    """The day of the first member's first shift, from midnight UTC."""
    notify: Law = law_of("30s")
    """The time until a page reaches a member."""
    unreachable: Ratio = 0.0
    """The probability that a page does not reach the member."""
    escalate: ShortEscalation = ShortEscalation()
    """The escalation of unacknowledged pages to the next members."""
    owns: tuple[Name, ...] = ()
    """Sources, credentials, dependencies and others that only they can fix.

    By default the pipeline's `owner` of each.
    """
    acknowledge: Law = law_of("5m")
    """The time until they acknowledge; simulated people only."""
    work: Law = law_of("20m")
    """Members: the time in which they find and fix what they own. With a policy: only to fix it."""
    look: Law = law_of("4m")
    """With a policy: the time of a look at a component; simulated people only."""
    may: May = May()
    """What it may order."""
    called_by: tuple[Name, ...] = ()
    """The teams that may page it; by default all."""

    @staticmethod
    def meant_by(value: object) -> str:
        """The team meant by a bare name, or by bare names."""
        if isinstance(value, list) and all(isinstance(name, str) for name in value):
            return f"{{members: [{', '.join(value)}]}}"
        return f"{{policy: {value}}}" if isinstance(value, str) else ""

    @field_validator("rotation")
    @classmethod
    def _turns(cls, rotation: int) -> int:
        if rotation < 60_000:
            raise ValueError(f"given {format_ms(rotation)!r}, expected a minute or more")
        return rotation

    @field_validator("members")
    @classmethod
    def _once(cls, members: tuple[str, ...] | None) -> tuple[str, ...] | None:
        raise_issues(duplicates(dict(enumerate(members or ())), (), "member"))
        return members

    @model_validator(mode="after")
    def _members_or_policy(self) -> Self:
        if (self.members is None) == (self.policy is None):
            keys = ", ".join(key for key in type(self).model_fields if key in self.model_fields_set)
            present = keys or "nothing" if self.policy is None else "both"
            raise ValueError(f"expected either members or a policy; given {present}")
        short = [key for key in _SHORT if self.policy is not None and key in self.model_fields_set]
        text = "is of a team with members; a policy has its own"
        raise_issues([Issue((key,), text) for key in short])
        return self


_SHORT = ("rotation", "starts", "notify", "unreachable", "escalate")
