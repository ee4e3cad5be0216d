"""The format of on-call files: teams, rotations, escalation, receivers."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from simulator.scenario.base import Day, Flag, Frozen, Name, Positive, duplicates
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Ratio, did_you_mean, format_ms


class EscalationPolicy(Frozen):
    """The escalation of unacknowledged pages."""

    after: Duration = 300_000
    """The time to acknowledge."""
    levels: Annotated[Positive, Field(le=100)] = 3
    """The most people it is escalated to, one after the other."""


class Team(Frozen):
    """An on-call rotation."""

    members: tuple[Name, ...] = Field(min_length=1)
    """Its members in the order of their shifts."""
    rotation: Duration = 7 * 86_400_000
    """The length of a shift."""
    starts: Day = date(1970, 1, 1)
    """The day of the first member's first shift, from midnight UTC."""
    notify: Duration = 30_000
    """The median time until a page reaches a person."""
    unreachable: Ratio = 0.0
    """The probability that a page does not reach the person."""
    escalate: EscalationPolicy = EscalationPolicy()
    """The escalation of unacknowledged pages."""
    owns: tuple[Name, ...] = ()
    """Sources, credentials, dependencies and others that only they can fix.

    By default the pipeline's `owner` of each.
    """
    acknowledge: Duration = 300_000
    """The median time until they acknowledge; simulated teams only."""
    work: Duration = 1_200_000
    """The median time in which they fix what they own; simulated teams only."""

    @field_validator("rotation")
    @classmethod
    def _turns(cls, rotation: int) -> int:
        if rotation < 60_000:
            raise ValueError(f"given {format_ms(rotation)!r}, expected a minute or more")
        return rotation

    @field_validator("members")
    @classmethod
    def _once(cls, members: tuple[str, ...]) -> tuple[str, ...]:
        raise_issues(duplicates(dict(enumerate(members)), (), "member"))
        return members


class Receiver(Frozen):
    """The team behind a receiver of the Alertmanager configuration."""

    team: Name
    """The team."""
    page: Flag = True
    """Whether it pages; it opens a ticket otherwise."""


class OnCall(Frozen):
    """The organisation around a pipeline."""

    oncall: Literal[1]
    """The version of this format."""
    name: Name
    """The organisation's name."""
    teams: Mapping[Name, Team] = Field(min_length=1)
    """The teams."""
    receivers: Mapping[str, Receiver] = {}
    """The receivers of alertmanager.yml."""
    inform: tuple[Name, ...] = ()
    """Recipients of status updates other than the teams."""

    @field_validator("teams")
    @classmethod
    def _one_owner(cls, teams: Mapping[str, Team]) -> Mapping[str, Team]:
        owner: dict[str, str] = {}
        issues = []
        for name, team in teams.items():
            for number, owned in enumerate(team.owns):
                if owner.setdefault(owned, name) != name:
                    issues.append(
                        Issue((name, "owns", number), f"{owned!r} is also owned by {owner[owned]}")
                    )
        raise_issues(issues)
        return teams

    @field_validator("receivers")
    @classmethod
    def _known_teams(cls, receivers: Mapping[str, Receiver], info: Any) -> Mapping[str, Receiver]:
        teams = info.data.get("teams")
        raise_issues([
            Issue((name, "team"), f"unknown team {team!r}{did_you_mean(team, teams)}")
            for name, receiver in receivers.items()
            if teams is not None and (team := receiver.team) not in teams
        ])  # fmt: skip
        return receivers
