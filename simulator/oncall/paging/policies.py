"""Policies: whom each level of a page's way reaches."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from simulator.oncall.paging.sent_page import PagedPerson
from simulator.oncall.schedules.rotation import midnight, on_call
from simulator.scenario.local_time import WEEKDAYS
from simulator.scenario.policy import Channel, Level, Policy
from simulator.scenario.team import Team

# Counts the alerts of a page's group that fired in a window before now, ms.
AlertCounter = Callable[[int], int]


class PageRoute(Protocol):
    """The way of a team's pages, level by level."""

    @property
    def levels(self) -> int:
        """The number of levels."""

    @property
    def repeat(self) -> int:
        """How many times it starts again after the last level."""

    @property
    def late(self) -> bool:
        """Whether people of earlier levels may still take a page."""

    @property
    def has_policy(self) -> bool:
        """Whether the levels are those of a policy."""

    def after(self, level: int) -> int:
        """The time to acknowledge at a level, ms."""

    def applies(self, level: int, epoch_ms: int, fired: AlertCounter) -> bool:
        """Whether a level is used now."""

    def recipients(self, level: int, epoch_ms: int, turn: int) -> tuple[PagedPerson, ...]:
        """The people of a level now; `turn` counts the team's pages, for round robin."""

    def channels(self, person: str) -> Mapping[str, Channel]:
        """The channels of a person, by name."""


class MemberRoute:
    """The short form: the members of a team, one after the other.

    Examples
    --------
    >>> team = Team.model_validate({"members": ["ana", "ben"], "escalate": {"levels": 2}})
    >>> [MemberRoute("ml", team).recipients(level, 0, 0) for level in (0, 1)]
    [(PagedPerson(person='ana', team='ml'),), (PagedPerson(person='ben', team='ml'),)]
    """

    repeat = 0
    late = True
    has_policy = False

    def __init__(self, name: str, team: Team) -> None:
        assert team.members is not None
        self._name, self._team, self._members = name, team, team.members
        way = team.notify.model_dump(exclude_unset=True)
        self._channel = Channel.model_construct(**{**way, "loss": team.unreachable})

    @property
    def levels(self) -> int:
        """The number of members who are paged at most."""
        return self._team.escalate.levels

    def after(self, level: int) -> int:
        """The time to acknowledge, ms."""
        return self._team.escalate.after

    def applies(self, level: int, epoch_ms: int, fired: AlertCounter) -> bool:
        """Always."""
        return True

    def recipients(self, level: int, epoch_ms: int, turn: int) -> tuple[PagedPerson, ...]:
        """The member at a level."""
        team = self._team
        person = on_call(self._members, team.rotation, epoch_ms, level, midnight(team.starts))
        return (PagedPerson(person, self._name),)

    def channels(self, person: str) -> Mapping[str, Channel]:
        """The one way that a team has."""
        return {"": self._channel}


class PolicyRoute:
    """An escalation policy of a team.

    Parameters
    ----------
    policy : Policy
    on_call : callable
        Who is on call in a schedule at a time, ms since 1970; None for nobody.
    first_level : callable
        Whom the first level of another team's way pages at that time.
    channels : callable
        The channels of a person.
    """

    has_policy = True

    def __init__(
        self,
        team: str,
        policy: Policy,
        on_call: Callable[[str, int], str | None],
        first_level: Callable[[str, int, int], tuple[PagedPerson, ...]],
        channels: Callable[[str], Mapping[str, Channel]],
    ) -> None:
        self._team, self._policy, self._zone = team, policy, ZoneInfo(policy.zone)
        self._on_call, self._first_level, self._channels = on_call, first_level, channels

    @property
    def levels(self) -> int:
        """The number of levels."""
        return len(self._policy.levels)

    @property
    def repeat(self) -> int:
        """How many times it starts again after the last level."""
        return self._policy.repeat

    @property
    def late(self) -> bool:
        """Whether people of earlier levels may still take a page."""
        return self._policy.late

    def after(self, level: int) -> int:
        """The time to acknowledge at a level, ms."""
        return self._level(level).after

    def applies(self, level: int, epoch_ms: int, fired: AlertCounter) -> bool:
        """Whether a level's hours and number of alerts are met now."""
        stage = self._level(level)
        local = datetime.fromtimestamp(epoch_ms / 1000, self._zone)
        if stage.between is not None and not stage.between.contains(local.hour * 60 + local.minute):
            return False
        if stage.days and WEEKDAYS[local.weekday()] not in stage.days:
            return False
        return stage.more_than is None or fired(stage.more_than.within) > stage.more_than.alerts

    def recipients(self, level: int, epoch_ms: int, turn: int) -> tuple[PagedPerson, ...]:
        """The people of a level now, each once: for the first team that the level names."""
        recipients: list[PagedPerson] = []
        for target in self._level(level).page:
            if target.team is not None:
                recipients += self._first_level(target.team, epoch_ms, turn)
                continue
            person = target.person
            if target.schedule is not None:
                person = self._on_call(target.schedule, epoch_ms)
            if target.round_robin is not None:
                person = target.round_robin[turn % len(target.round_robin)]
            if person is not None:
                recipients.append(PagedPerson(person, self._team))
        by_person: dict[str, PagedPerson] = {}
        for recipient in recipients:
            by_person.setdefault(recipient.person, recipient)
        return tuple(by_person.values())

    def channels(self, person: str) -> Mapping[str, Channel]:
        """The channels of a person, by name."""
        return self._channels(person)

    def _level(self, level: int) -> Level:
        """A level; beyond the last, the last again: whoever escalates there pages it."""
        return self._policy.levels[min(level, self.levels - 1)]
