"""A calendar file as a schedule: whoever its events name, in an on-call file beside it."""

from simulator.oncall.ical.calendar_events import read_calendar
from simulator.oncall.ical.lines import read_components
from simulator.oncall.ical.properties import EventProperties
from simulator.oncall.ical.summaries import person_in, several_in
from simulator.oncall.ical.values import CalendarZones
from simulator.oncall.imports.draft import Draft, slug
from simulator.oncall.imports.notes import Notes

_READ = (
    "UID", "SUMMARY", "STATUS", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE",
    "RECURRENCE-ID",
)  # fmt: skip


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
    components = read_components(text, str(notes.file))
    for component in components:
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
    zone = CalendarZones(str(notes.file), components, "UTC").default.key
    content: dict[str, object] = {"ical": file} if zone == "UTC" else {"zone": zone, "ical": file}
    schedule = draft.add("schedules", content, slug(notes.file.stem), "schedule")
    draft.comment(("schedules", schedule), "times without a zone are in the zone of the schedule")
    for name_in_file in people.values():
        if parts := several_in(person_in(name_in_file)):
            text = f"{name_in_file!r} seems to name {len(parts)} people: it is one person here"
            notes.add(f"schedule {schedule}", text)
    if unread:
        notes.add(
            f"schedule {schedule}", f"not carried over: {', '.join(sorted(unread))} of events"
        )
    draft.add_missing_teams()
    return draft
