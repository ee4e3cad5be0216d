"""The format of on-call files: people, schedules, policies, severities, teams, receivers."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from simulator.scenario.base import Flag, Frozen, Name, require_one
from simulator.scenario.paging_circles import paging_circles
from simulator.scenario.person import Person
from simulator.scenario.policy import Channel, Policy
from simulator.scenario.schedule import Schedule
from simulator.scenario.severity import SeverityLevel
from simulator.scenario.team import Team
from simulator.source import Issue, Key, raise_issues
from simulator.units import Severity, did_you_mean

_HINTS_MAX = 20
DEFAULT_CHANNELS = {"push": Channel.model_validate({"median": "30s", "loss": 0.02})}


class Receiver(Frozen):
    """The team or policy behind a receiver of the Alertmanager configuration."""

    team: Name | None = None
    """The team."""
    policy: Name | None = None
    """The escalation policy, in place of the team that has it."""
    page: Flag = True
    """Whether it pages; it opens a ticket otherwise."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        require_one(self, ("team", "policy"))
        return self

    @staticmethod
    def meant_by(value: object) -> str:
        """The receiver meant by a bare name."""
        return f"{{team: {value}}}" if isinstance(value, str) else ""


class OnCall(Frozen):
    """The organisation around a pipeline."""

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
    def _known_names(self) -> Self:
        unknown = [
            reference for reference in self._references() if reference[2] not in reference[3]
        ]
        raise_issues([
            Issue(path, f"unknown {noun} {name!r}{self._hint(number, name, names)}")
            for number, (path, noun, name, names) in enumerate(unknown)
        ] or list(self._receivers_without_team()))  # fmt: skip
        raise_issues([*paging_circles(self.teams, self.policies), *self._own_callers()])
        return self

    def _own_callers(self) -> Iterator[Issue]:
        for name, team in self.teams.items():
            if name in team.called_by:
                place = ("teams", name, "called_by", team.called_by.index(name))
                yield Issue(place, "is the team itself")

    def _hint(self, number: int, name: str, names: Mapping[str, Any]) -> str:
        """What was meant by an unknown name."""
        nouns = {"person": self.people, "schedule": self.schedules, "team": self.teams}
        other = next((noun for noun in nouns if name in nouns[noun]), None)
        if other is not None:
            return f": it is a {other}"
        team = next((team for team in self.teams if name in (self.teams[team].members or ())), None)
        if team is not None and names is self.people:
            return f": a member of {team} without an entry under people"
        # The search is slow among thousands of names; nobody reads that many hints.
        return did_you_mean(name, names) if number < _HINTS_MAX else ""

    def _references(self) -> Iterator[tuple[tuple[Key, ...], str, str, Mapping[str, Any]]]:
        """Every name that refers to another part of the file: path, noun, name, and the names."""
        people, schedules, teams = self.people, self.schedules, self.teams
        for name, person in people.items():
            for i, channel in enumerate(person.channels):
                yield ("people", name, "channels", i), "channel", channel, self.channels
        for name, schedule in schedules.items():
            at: tuple[Key, ...] = ("schedules", name)
            for i, layer in enumerate(schedule.layers):
                for j, person_name in enumerate(layer.people):
                    yield (*at, "layers", i, "people", j), "person", person_name, people
            for i, override in enumerate(schedule.overrides):
                yield (*at, "overrides", i, "person"), "person", override.person, people
        for name, policy in self.policies.items():
            for i, level in enumerate(policy.levels):
                for j, target in enumerate(level.page):
                    at = ("policies", name, "levels", i, "page", j)
                    if target.schedule is not None:
                        yield (*at, "schedule"), "schedule", target.schedule, schedules
                    if target.person is not None:
                        yield (*at, "person"), "person", target.person, people
                    if target.team is not None:
                        yield (*at, "team"), "team", target.team, teams
                    for k, person_name in enumerate(target.round_robin or ()):
                        yield (*at, "round_robin", k), "person", person_name, people
        for name, team in teams.items():
            if team.policy is not None:
                yield ("teams", name, "policy"), "policy", team.policy, self.policies
            if team.may.ask is not None:
                yield ("teams", name, "may", "ask"), "team", team.may.ask, teams
            for i, caller in enumerate(team.called_by):
                yield ("teams", name, "called_by", i), "team", caller, teams
        for name, receiver in self.receivers.items():
            if receiver.team is not None:
                yield ("receivers", name, "team"), "team", receiver.team, teams
            if receiver.policy is not None:
                yield ("receivers", name, "policy"), "policy", receiver.policy, self.policies

    def _receivers_without_team(self) -> Iterator[Issue]:
        used = {team.policy for team in self.teams.values()}
        for name, receiver in self.receivers.items():
            if receiver.policy is not None and receiver.policy not in used:
                text = (
                    f"{receiver.policy!r} is the policy of no team: nobody would answer its pages"
                )
                yield Issue(("receivers", name, "policy"), text)
