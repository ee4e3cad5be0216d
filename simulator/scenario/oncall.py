"""The format of on-call files: people, schedules, policies, severities, teams, receivers."""

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from simulator.scenario.base import Frozen, Name
from simulator.scenario.oncall_names import OnCallNames
from simulator.scenario.paging_circles import paging_circles
from simulator.scenario.person import Person
from simulator.scenario.policy import Channel, Policy
from simulator.scenario.receiver import Receiver
from simulator.scenario.schedule import Schedule
from simulator.scenario.severity import SeverityLevel
from simulator.scenario.team import Team
from simulator.source import Issue, raise_issues
from simulator.units import Severity

DEFAULT_CHANNELS = {"push": Channel.model_validate({"median": "30s", "loss": 0.02})}


class OnCall(Frozen):
    """The organisation around a pipeline."""

    other_words: ClassVar = {
        **dict.fromkeys(("users", "engineers", "staff"), "people"),
        **dict.fromkeys(("rotations", "rotas", "rota", "calendars"), "schedules"),
        **dict.fromkeys(("escalation_policies", "escalations", "escalation"), "policies"),
        **dict.fromkeys(("routes", "routing", "integrations", "services"), "receivers"),
        **dict.fromkeys(("contact_methods", "notifications", "notify"), "channels"),
        **dict.fromkeys(("stakeholders", "subscribers"), "inform"),
    }

    oncall: Literal[1]
    """The version of this format."""
    name: Name
    """The organisation's name."""
    people: Mapping[Name, Person] = {}
    """The people; members of a team need not stand here."""
    schedules: Mapping[Name, Schedule] = {}
    """Who is on call when."""
    policies: Mapping[Name, Policy] = {}
    """Whom a page reaches, level after level."""
    channels: Mapping[Name, Channel] = Field(default=DEFAULT_CHANNELS, min_length=1)
    """The ways of a page to a person; of members, their team's `notify` in their place."""
    severities: Mapping[Severity, SeverityLevel] = {}
    """When an incident has which severity, and what follows from it."""
    teams: Mapping[Name, Team] = Field(min_length=1)
    """The teams."""
    receivers: Mapping[str, Receiver] = {}
    """The receivers of alertmanager.yml."""
    inform: tuple[Name, ...] = ()
    """Recipients of status updates other than the teams."""

    @property
    def readers(self) -> tuple[str, ...]:
        """Everybody who can be told: teams, and the readers of updates."""
        by_severity = (name for level in self.severities.values() for name in level.inform)
        return tuple(dict.fromkeys((*self.teams, *self.inform, *by_severity)))

    @property
    def everybody(self) -> tuple[str, ...]:
        """All teams, then all people."""
        members = (name for team in self.teams.values() for name in team.members or ())
        return tuple(dict.fromkeys((*self.teams, *self.people, *members)))

    def team_of_receiver(self, receiver: Receiver) -> str:
        """The team behind a receiver; of a policy, the first team that has it."""
        if receiver.team is not None:
            return receiver.team
        return next(name for name, team in self.teams.items() if team.policy == receiver.policy)

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

    @model_validator(mode="after")
    def _names(self) -> Self:
        names = OnCallNames(
            self.people, self.schedules, self.policies, self.channels, self.teams, self.receivers
        )
        raise_issues(names.unknown() or list(names.without_team()))
        raise_issues([*paging_circles(self.teams, self.policies), *names.own_callers()])
        return self
