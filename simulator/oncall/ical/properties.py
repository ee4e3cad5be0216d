"""The properties of a calendar's event that say who is on call, and when."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from simulator.oncall.ical.lines import CalendarComponent, ContentLine, error
from simulator.source import SourceError

_SINGLE = (
    "UID", "SUMMARY", "STATUS", "DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID",
)  # fmt: skip
_REPEATED = ("RDATE", "EXDATE")


@dataclass(frozen=True)
class EventProperty:
    """A property: its parameters and its value, with escapes replaced."""

    file: str
    line: ContentLine
    parameters: Mapping[str, str]
    value: str

    def error(self, text: str) -> SourceError:
        """An error about its line, to raise."""
        return error(self.file, self.line.number, text, self.line.name)

    @contextmanager
    def complaining(self) -> Iterator[None]:
        """Raise a ValueError as a complaint about its line."""
        try:
            yield
        except ValueError as problem:
            raise self.error(str(problem)) from None


class EventProperties:
    """The properties of an event; all others, such as a description, are not read.

    Raises
    ------
    SourceError
        One stands twice that may stand once, or is not supported.
    """

    def __init__(self, file: str, component: CalendarComponent) -> None:
        self.file, self.number = file, component.number
        self.single: dict[str, EventProperty] = {}
        self.repeated: dict[str, list[EventProperty]] = {name: [] for name in _REPEATED}
        for line in component.lines:
            name = line.name
            if name == "EXRULE":
                raise error(file, line.number, "is not supported; list the dates as EXDATE", name)
            if name in self.single:
                raise error(file, line.number, "stands twice in the event", name)
            if name in _SINGLE:
                self.single[name] = _parse(file, line)
            elif name in _REPEATED:
                self.repeated[name].append(_parse(file, line))

    def required(self, name: str) -> EventProperty:
        """A property that every event needs."""
        if name not in self.single:
            raise error(self.file, self.number, f"the event has no {name}")
        return self.single[name]


def _parse(file: str, line: ContentLine) -> EventProperty:
    from icalendar.parser import Contentline

    make_line: Callable[[str], Contentline] = Contentline
    try:
        _, parameters, value = make_line(line.text).parts()
    except ValueError as problem:
        raise error(file, line.number, f"cannot be read: {problem}", line.name) from None
    return EventProperty(file, line, parameters, value.strip())
