"""A calendar file as a schedule: whoever its events name, in an on-call file beside it."""

import re

from simulator.oncall.ical.calendar_events import read_calendar
from simulator.oncall.ical.lines import read_components
from simulator.oncall.ical.properties import EventProperties
from simulator.oncall.imports.draft import Draft, slug
from simulator.oncall.imports.notes import Notes

_LEVEL = re.compile(r"\s*\[L\d{1,4}\]\s*", re.IGNORECASE)
_READ = (
    "UID", "SUMMARY", "STATUS", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE",
    "RECURRENCE-ID",
)  # fmt: skip
_PARTS = re.compile(r"\s+[-–|]\s+")


def import_calendar(text: str, name: str, notes: Notes) -> Draft:
    """The on-call file of a calendar: its people, a schedule, a policy of one level and a team.

    Raises
    ------
    SourceError
        If it is not a calendar, or names nobody.
    """
    file = notes.file.name
    draft = Draft(name, notes)
    people: dict[str, str] = {}
    unread: set[str] = set()
    for component in read_components(text, str(notes.file)):
        if component.kind == "VEVENT":
            unread.update(line.name for line in component.lines if line.name not in _READ)
            summary = EventProperties(str(notes.file), component).single.get("SUMMARY")
            if summary is not None and (key := slug(person_in(summary.value))):
                people.setdefault(key, summary.value)
    if not people:
        raise notes.failure("names nobody: no event has a summary that can be a name")
    for key in people:
        draft.add("people", {}, key)
    read_calendar(text, notes.file, people, "UTC")
    schedule = draft.add("schedules", {"ical": file}, slug(notes.file.stem), "schedule")
    draft.comment(("schedules", schedule), "times without a zone are in the zone of the schedule")
    if unread:
        notes.add(
            f"schedule {schedule}", f"not carried over: {', '.join(sorted(unread))} of events"
        )
    draft.add_missing_teams()
    return draft


def person_in(summary: str) -> str:
    """The person whom the summary of an event names.

    Examples
    --------
    >>> person_in("On Call - Ana Silva - Primary"), person_in("[L1] ben@example.com")
    ('Ana Silva', 'ben@example.com')
    """
    text = _LEVEL.sub("", summary, count=1).strip()
    return _PARTS.split(text.removeprefix("On Call - "))[0].strip()
