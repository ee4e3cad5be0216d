"""Names in an on-call file that refer to its other parts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.scenario.person import Person
from simulator.scenario.policy import Channel, Policy
from simulator.scenario.receiver import Receiver
from simulator.scenario.schedule import Schedule
from simulator.scenario.team import Team
from simulator.source import Issue, Key
from simulator.units import did_you_mean

# The search for a close name is slow among thousands; nobody reads that many hints.
HINTS_MAX = 20
# A path, the noun of what it names, the name, and the names that there are.
_Reference = tuple[tuple[Key, ...], str, str, Mapping[str, Any]]


@dataclass(frozen=True)
class OnCallNames:
    """The parts of an on-call file, by name."""

    people: Mapping[str, Person]
    schedules: Mapping[str, Schedule]
    policies: Mapping[str, Policy]
    channels: Mapping[str, Channel]
    teams: Mapping[str, Team]
    receivers: Mapping[str, Receiver]

    def unknown(self) -> list[Issue]:
        """An issue for every name that refers to nothing."""
        unknown = [
            reference for reference in self._references() if reference[2] not in reference[3]
        ]
        return [
            Issue(path, f"unknown {noun} {name!r}{self._hint(number, name, names)}")
            for number, (path, noun, name, names) in enumerate(unknown)
        ]

    def without_team(self) -> Iterator[Issue]:
        """Receivers of a policy that no team has."""
        used = {team.policy for team in self.teams.values()}
        for name, receiver in self.receivers.items():
            if receiver.policy is not None and receiver.policy not in used:
                text = (
                    f"{receiver.policy!r} is the policy of no team: nobody would answer its pages"
                )
                yield Issue(("receivers", name, "policy"), text)

    def own_callers(self) -> Iterator[Issue]:
        """Teams that are called by themselves."""
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
        return did_you_mean(name, names) if number < HINTS_MAX else ""

    def _references(self) -> Iterator[_Reference]:
        """Every name that refers to another part of the file."""
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
