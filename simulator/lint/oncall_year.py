"""An on-call file over the year that a check looks at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from simulator.lint.time_spans import ALWAYS, Span, complement, union
from simulator.oncall.organisation import Organisation
from simulator.scenario import OnCall
from simulator.scenario.policy import Level
from simulator.scenario.schedule import instant_ms
from simulator.source import Complaint, Document, Key
from simulator.units import DAY_MS

YEAR_MS = 365 * DAY_MS
# Of a file without dates, a Monday: output does not depend on today.
DEFAULT_DAY = date(2026, 1, 5)


@dataclass(frozen=True)
class OnCallYear:
    """An on-call file over a year from a moment.

    Attributes
    ----------
    document : Document
    at : path
        Of the on-call file in the document.
    organisation : Organisation
        Bound near that moment.
    moment : datetime
        Local in every zone, unless it has an offset.
    unread : frozenset of str
        Schedules whose calendar file was not read: nothing is known about them.
    """

    document: Document
    at: tuple[Key, ...]
    organisation: Organisation
    moment: datetime
    unread: frozenset[str] = frozenset()

    @property
    def oncall(self) -> OnCall:
        """The file."""
        return self.organisation.model

    def span(self, zone: str) -> Span:
        """The year by the clock of a zone, ms since 1970."""
        since = instant_ms(self.moment, ZoneInfo(zone))
        return since, since + YEAR_MS

    @cached_property
    def staffed(self) -> Mapping[str, list[Span]]:
        """When each schedule has somebody; of an unread calendar always."""
        shifts = self.organisation.shifts.items()
        return {name: union(span[:2] for span in spans.shifts()) for name, spans in shifts} | {
            name: [ALWAYS] for name in self.unread
        }

    def holes(self, schedule: str) -> list[Span]:
        """When a schedule has nobody in the year."""
        if schedule in self.unread:
            return []
        return complement(self.staffed[schedule], self.span(self.oncall.schedules[schedule].zone))

    @cached_property
    def levels(self) -> list[tuple[str, int, Level]]:
        """The policy, number and model of every level."""
        return [
            (name, number, level)
            for name, policy in self.oncall.policies.items()
            for number, level in enumerate(policy.levels)
        ]

    @cached_property
    def levels_of(self) -> Mapping[str, list[tuple[str, int, Level]]]:
        """The levels that page each schedule."""
        levels: dict[str, list[tuple[str, int, Level]]] = {name: [] for name in self.staffed}
        for entry in self.levels:
            for name in {target.schedule: None for target in entry[2].page if target.schedule}:
                levels[str(name)].append(entry)
        return levels

    def complaint(self, path: tuple[Key, ...], text: str, *, key: bool = False) -> Complaint:
        """A complaint about a value of the file, or about its key."""
        return self.document.complaint_at((*self.at, *path), text, key=key)


def default_moment(oncall: OnCall) -> datetime:
    """The moment from which a file is checked that no scenario uses.

    It is the first Monday of the year of its last override or start of a layer, or that start if
    it is later.

    Examples
    --------
    >>> teams = {"ml": {"members": ["ana"]}}
    >>> default_moment(OnCall.model_validate({"oncall": 1, "name": "ml", "teams": teams})).date()
    datetime.date(2026, 1, 5)
    """
    schedules = oncall.schedules.values()
    layers = [layer for schedule in schedules for layer in schedule.layers]
    starts = [layer.starts for layer in layers if layer.starts is not None]
    overrides = [override.from_.date() for schedule in schedules for override in schedule.overrides]
    last = max([*starts, *overrides], default=DEFAULT_DAY)
    first = date(last.year, 1, 1)
    monday = first + timedelta(-first.weekday() % 7)
    day = max([monday, *starts])
    return datetime.combine(day, time())


def year_of(
    document: Document, at: tuple[Key, ...], oncall: OnCall, moment: datetime
) -> OnCallYear:
    """The year of an on-call file from a moment on."""
    organisation = Organisation.bind(oncall, instant_ms(moment, ZoneInfo("UTC")))
    unread = frozenset(name for name, model in oncall.schedules.items() if model.ical is not None)
    return OnCallYear(document, at, organisation, moment, unread)
