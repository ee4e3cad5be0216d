"""The format of people in an on-call file."""

from pydantic import field_validator

from simulator.scenario.base import Flag, Frozen, Name, duplicates
from simulator.scenario.local_time import TimeOfDaySpan, Zone
from simulator.scenario.time_law import Law, law_of
from simulator.source import raise_issues
from simulator.units import Ratio


class Person(Frozen):
    """Somebody who can be on call."""

    zone: Zone = "UTC"
    """Their time zone (IANA)."""
    skills: tuple[Name, ...] = ()
    """Components, or kinds of components, that they can look into beside what their team owns."""
    asleep: TimeOfDaySpan | None = None
    """When they sleep, in their zone: a page has to wake them first."""
    busy: Ratio = 0.0
    """The probability that they are in a meeting or at another incident and do not see a page."""
    tireless: Flag = False
    """Whether sleep and fatigue do not slow them."""
    channels: tuple[Name, ...] = ()
    """The channels that reach them; by default all of the file."""
    notices: Law = law_of("30s")
    """The time until a player's person looks at a page; for simulated people in `acknowledge`."""
    acknowledge: Law | None = None
    """The time until they acknowledge a page; by default their team's."""

    @field_validator("channels")
    @classmethod
    def _once(cls, channels: tuple[str, ...]) -> tuple[str, ...]:
        raise_issues(duplicates(dict(enumerate(channels)), (), "channel"))
        return channels
