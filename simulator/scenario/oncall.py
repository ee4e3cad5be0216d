"""Who is on call: teams, rotations, escalation, receivers."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from simulator.scenario.base import Day, Flag, Frozen, Name, Positive, duplicates
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Ratio, did_you_mean, format_ms


class Escalate(Frozen):
    """What happens to a page that nobody acknowledges."""

    after: Duration = 300_000
    """How long it waits for an acknowledgement."""
    levels: Annotated[Positive, Field(le=100)] = 3
    """How many people it reaches at most, one after the other."""


class Team(Frozen):
    """People who take turns in being paged."""

    members: tuple[Name, ...] = Field(min_length=1)
    """Who they are, in the order of their turns."""
    rotation: Duration = 7 * 86_400_000
    """How long a turn is."""
    starts: Day = date(1970, 1, 1)
    """The day on which the first one's first turn began, at midnight UTC."""
    notify: Duration = 30_000
    """The median time until a page reaches a person."""
    unreachable: Ratio = 0.0
    """The probability that it does not reach that person."""
    escalate: Escalate = Escalate()
    """What happens to a page that nobody acknowledges."""
    owns: tuple[Name, ...] = ()
    """Sources, credentials, dependencies and the like that only they can mend.

    What nobody owns here is theirs whom the pipeline names as its `owner`.
    """
    acknowledge: Duration = 300_000
    """The median time until they acknowledge; simulated teams only."""
    work: Duration = 1_200_000
    """The median time in which they mend what is theirs; simulated teams only."""

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
    """What a receiver of the Alertmanager configuration leads to."""

    team: Name
    """The team it belongs to."""
    page: Flag = True
    """Whether somebody is paged; a ticket otherwise."""


class OnCall(Frozen):
    """The organisation around a pipeline."""

    oncall: Literal[1]
    """The version of this format."""
    name: Name
    """What this organisation is called."""
    teams: Mapping[Name, Team] = Field(min_length=1)
    """Who can be paged."""
    receivers: Mapping[str, Receiver] = {}
    """Where the receivers of alertmanager.yml lead."""
    inform: tuple[Name, ...] = ()
    """Who can be told, beyond the teams."""

    @field_validator("teams")
    @classmethod
    def _one_owner(cls, teams: Mapping[str, Team]) -> Mapping[str, Team]:
        owner: dict[str, str] = {}
        wrongs = []
        for name, team in teams.items():
            for number, thing in enumerate(team.owns):
                if owner.setdefault(thing, name) != name:
                    wrongs.append(
                        Issue((name, "owns", number), f"{thing!r} is also owned by {owner[thing]}")
                    )
        raise_issues(wrongs)
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
