"""An on-call file over the year that a check looks at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from simulator.lint.time_spans import Span, complement, union
from simulator.oncall.ical.calendar_events import OnCallCalendar
from simulator.oncall.organisation import Organisation, horizon
from simulator.scenario import OnCall
from simulator.scenario.policy import Level
from simulator.scenario.schedule import instant_ms
from simulator.source import Complaint, Document, Key
from simulator.units import DAY_MS

YEAR_MS = 365 * DAY_MS


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
    """

    document: Document
    at: tuple[Key, ...]
    organisation: Organisation
    moment: datetime

    @property
    def oncall(self) -> OnCall:
        """The file."""
        return self.organisation.model

    def span(self, zone: str) -> Span:
        """The year by the clock of a zone, ms since 1970."""
        since = instant_ms(self.moment, ZoneInfo(zone))
        return since, since + YEAR_MS

    def margins(self, zone: str) -> Span:
        """The year with some days on both sides, in which spans are looked for as a whole."""
        since, until = self.span(zone)
        return since - 6 * DAY_MS, until + 30 * DAY_MS

    def in_year(self, spans: Iterable[Span], zone: str) -> list[Span]:
        """The spans that overlap the year by the clock of a zone, whole."""
        since, until = self.span(zone)
        return [span for span in spans if span[0] < until and since < span[1]]

    @cached_property
    def staffed(self) -> Mapping[str, list[Span]]:
        """When each schedule has somebody."""
        shifts = self.organisation.shifts.items()
        return {name: union(span[:2] for span in spans.shifts()) for name, spans in shifts}

    def holes(self, schedule: str) -> list[Span]:
        """When a schedule has nobody, if that is in the year."""
        zone = self.oncall.schedules[schedule].zone
        return self.in_year(complement(self.staffed[schedule], self.margins(zone)), zone)

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


def year_of(
    document: Document,
    at: tuple[Key, ...],
    oncall: OnCall,
    moment: datetime,
    calendars: Mapping[str, OnCallCalendar],
) -> OnCallYear:
    """The year of an on-call file from a moment on.

    Raises
    ------
    SourceError
        An event of a calendar recurs too often.
    """
    epoch_ms = instant_ms(moment, ZoneInfo("UTC"))
    shifts = {name: file.shifts(*horizon(epoch_ms)) for name, file in calendars.items()}
    return OnCallYear(document, at, Organisation.bind(oncall, epoch_ms, shifts), moment)
