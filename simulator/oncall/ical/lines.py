"""The components of a calendar file (RFC 5545), with the numbers of their lines.

icalendar reads whole files without positions, and takes over a millisecond an event: it is given
only the lines that say who is on call when.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.source import Complaint, SourceError
from simulator.units import format_value

LINE_MAX = 64 * 1024
DEPTH_MAX = 8
# Ten years of three hand-offs a day.
EVENTS_MAX = 10_000
_PROPERTY = re.compile(r"([A-Za-z0-9-]+)[;:]")


class ContentLine(NamedTuple):
    """A property as it is written, its continuation lines joined."""

    number: int
    text: str

    @property
    def name(self) -> str:
        """The property's name in capitals; empty if the line has none."""
        match = _PROPERTY.match(self.text)
        return match[1].upper() if match else ""

    @property
    def value(self) -> str:
        """What stands behind the colon, where no parameter holds one."""
        return self.text.partition(":")[2].strip()


@dataclass
class CalendarComponent:
    """What stands between BEGIN and END, without the components inside it."""

    kind: str
    number: int
    lines: list[ContentLine] = field(default_factory=list)

    def first(self, name: str) -> ContentLine | None:
        """The first line of a property."""
        return next((line for line in self.lines if line.name == name), None)


def read_components(text: str, name: str) -> list[CalendarComponent]:
    """The components of a calendar file in the order of their ends.

    Parameters
    ----------
    text : str
        The file's content.
    name : str
        The file's name, for complaints.

    Raises
    ------
    SourceError
        It is not a calendar, is cut, or exceeds a bound.

    Examples
    --------
    >>> text = "BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nSUMMARY:an\\n a\\nEND:VEVENT\\nEND:VCALENDAR"
    >>> [(part.kind, part.number, part.lines) for part in read_components(text, "a.ics")][0]
    ('VEVENT', 2, [ContentLine(number=3, text='SUMMARY:ana')])
    >>> read_components(text[:40], "a.ics")
    Traceback (most recent call last):
    simulator.source.complaint.SourceError: a.ics:2:1: VEVENT has no END: is the file cut?
    """
    components, parts = list[CalendarComponent](), list[CalendarComponent]()
    events = 0
    for line in unfolded_lines(text, name):
        keyword = line.name
        if not parts and (keyword != "BEGIN" or line.value.upper() != "VCALENDAR"):
            raise error(name, line.number, "is not a calendar file: expected BEGIN:VCALENDAR")
        if keyword == "BEGIN":
            parts.append(CalendarComponent(line.value.upper(), line.number))
            events += parts[-1].kind == "VEVENT"
            if events > EVENTS_MAX:
                raise error(name, line.number, f"the file has more than {EVENTS_MAX:,} events")
            if len(parts) > DEPTH_MAX:
                raise error(name, line.number, f"is nested deeper than {DEPTH_MAX} components")
        elif keyword == "END":
            if line.value.upper() != parts[-1].kind:
                begun = f"{parts[-1].kind}, begun on line {parts[-1].number}"
                problem = f"END of {format_value(line.value.upper())}, expected that of {begun}"
                raise error(name, line.number, problem)
            components.append(parts.pop())
        elif not keyword:
            problem = f"{format_value(line.text)} is not a line of a calendar: expected NAME:value"
            raise error(name, line.number, problem)
        else:
            parts[-1].lines.append(line)
    if parts:
        raise error(name, parts[-1].number, f"{parts[-1].kind} has no END: is the file cut?")
    if not components:
        raise error(name, 1, "the file is empty")
    return components


def unfolded_lines(text: str, name: str) -> Iterator[ContentLine]:
    """The lines that are not blank; one that begins with a blank continues the line before it."""
    number, pieces, length = 0, list[str](), 0
    # Not splitlines(): texts may contain other separators of lines.
    for position, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r")
        if pieces and line[:1] in (" ", "\t") and line:
            pieces.append(line[1:])
            length += len(line)
        else:
            if "".join(pieces).strip():
                yield ContentLine(number, "".join(pieces))
            number, pieces, length = position, [line], len(line)
        if length > LINE_MAX:
            raise error(name, number, f"the line is longer than {LINE_MAX // 1024} KiB")
    if "".join(pieces).strip():
        yield ContentLine(number, "".join(pieces))


def error(name: str, number: int, text: str, path: str = "") -> SourceError:
    """An error with one complaint about a line of a calendar file, to raise."""
    return SourceError([Complaint(name, number, 1, path, text)])
