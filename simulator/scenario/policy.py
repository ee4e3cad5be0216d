"""The format of escalation policies, and of the channels that their pages take."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from simulator.scenario.base import Flag, Frozen, Name, duplicates, require_one
from simulator.scenario.local_time import TimeOfDaySpan, Weekdays, Zone
from simulator.scenario.time_law import TimeLaw
from simulator.source import Issue, raise_issues
from simulator.units import Count, Duration, Ratio


class Channel(TimeLaw):
    """A way of a page to a person: its delay is a law of time."""

    loss: Ratio = 0.0
    """The probability that a page is lost."""
    after: Duration = 0
    """The time since the page was sent to the person, after which this channel is used, too."""
    wakes: Ratio = 0.8
    """The probability that it wakes somebody who sleeps."""

    @staticmethod
    def meant_by(value: object) -> str:
        """The channel meant by a plain duration."""
        return f"{{median: {value}}}" if isinstance(value, str) else ""


class PageTarget(Frozen):
    """Whom a level pages: exactly one of these."""

    other_words: ClassVar = {"user": "person", "people": "round_robin", "policy": "team"}

    schedule: Name | None = None
    """Whoever is on call in a schedule."""
    person: Name | None = None
    """A person."""
    team: Name | None = None
    """Whoever the first level of a team's own policy pages; the team's people do its work."""
    round_robin: tuple[Name, ...] | None = Field(default=None, min_length=1)
    """People of whom each page takes the next."""

    @property
    def names(self) -> tuple[str, ...]:
        """The schedule, person, team or people."""
        return self.round_robin or (self.schedule or self.person or self.team or "",)

    @staticmethod
    def meant_by(value: object) -> str:
        """The target meant by a bare name: most are schedules."""
        return f"{{schedule: {value}}}" if isinstance(value, str) else ""

    @field_validator("round_robin")
    @classmethod
    def _once(cls, people: tuple[str, ...] | None) -> tuple[str, ...] | None:
        raise_issues(duplicates(dict(enumerate(people or ())), (), "person"))
        return people

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        require_one(self, ("schedule", "person", "team", "round_robin"))
        return self


class AlertCount(Frozen):
    """More alerts than a number in a window."""

    alerts: Count
    """The number that must be exceeded, by the alerts of the page's group that fired."""
    within: Duration
    """The window before the level."""

    @staticmethod
    def meant_by(value: object) -> str:
        """The number of alerts meant by a plain number."""
        return f"{{alerts: {value}, within: 5m}}" if type(value) is int else ""

    @field_validator("within")
    @classmethod
    def _some_time(cls, within: int) -> int:
        if not within:
            raise ValueError("given '0s', expected more")
        return within


class Level(Frozen):
    """A level of a policy: whom it pages, and how long they have."""

    other_words: ClassVar = {
        **dict.fromkeys(("delay", "timeout", "wait", "escalate_after"), "after"),
        **dict.fromkeys(("targets", "target", "notify", "to"), "page"),
        **{noun: f"page: [{{{noun}: …}}]" for noun in PageTarget.model_fields},
    }

    page: tuple[PageTarget, ...] = Field(min_length=1)
    """Whom it pages, all at the same time."""
    after: Duration = 300_000
    """The time to acknowledge; then the next level is paged."""
    between: TimeOfDaySpan | None = None
    """The part of a day in which the level is used; it is skipped outside."""
    days: Weekdays = ()
    """The weekdays on which it is used."""
    more_than: AlertCount | None = None
    """It is used only if so many alerts fired; it is skipped otherwise."""

    @staticmethod
    def meant_by(value: object) -> str:
        """The level meant by bare targets."""
        return "{page: […]}" if isinstance(value, list) else ""


class Policy(Frozen):
    """An escalation policy: level after level until somebody takes the page."""

    other_words: ClassVar = dict.fromkeys(("steps", "rules", "escalate"), "levels")

    levels: tuple[Level, ...] = Field(min_length=1, max_length=100)
    """The levels in order."""
    # PagerDuty's bound; a drill of an hour never gets there.
    repeat: Annotated[Count, Field(le=9)] = 0
    """How many times it starts again after its last level."""
    zone: Zone = "UTC"
    """The zone of the levels' times."""
    late: Flag = False
    """Whether somebody of an earlier level may still take the page; it is theirs no more else."""

    @staticmethod
    def meant_by(value: object) -> str:
        """The policy meant by a bare list."""
        return "{levels: […]}" if isinstance(value, list) else ""

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        text = "given '0s', expected more: nobody could take the page in time, unless late is true"
        short = [i for i, level in enumerate(self.levels) if not (level.after or self.late)]
        raise_issues([Issue(("levels", number, "after"), text) for number in short])
        return self
