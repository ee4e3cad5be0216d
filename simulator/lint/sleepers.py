"""Who sleeps at the moment that a user asks about."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from simulator.lint.local_times import format_moment, local_time
from simulator.lint.oncall_year import OnCallYear
from simulator.scenario.schedule import instant_ms
from simulator.source import Complaint


def warnings(year: OnCallYear) -> Iterator[Complaint]:
    """The schedules whose person on call sleeps at the year's first moment."""
    for name, schedule in year.oncall.schedules.items():
        at = instant_ms(year.moment, ZoneInfo(schedule.zone))
        name_on_call = year.organisation.on_call(name, at)
        person = year.oncall.people.get(name_on_call or "")
        if person is None or person.asleep is None or person.tireless:
            continue
        local = local_time(at, person.zone)
        if person.asleep.contains(local.hour * 60 + local.minute):
            text = (
                f"{name_on_call} is on call at {format_moment(at, schedule.zone)} {schedule.zone}"
            )
            clock = f"{local:%H:%M} in {person.zone}"
            yield year.complaint(("schedules", name), f"{text} and sleeps: it is {clock}", key=True)
