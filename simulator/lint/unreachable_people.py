"""People who never see a page."""

from collections.abc import Iterator

from simulator.lint.oncall_year import OnCallYear
from simulator.scenario.person import Person
from simulator.source import Complaint, Key


def warnings(year: OnCallYear) -> Iterator[Complaint]:
    """People whose channels lose every page or never wake them, or who are always busy."""
    for name, person in year.oncall.people.items():
        for key, text in _reasons(year, name, person):
            path: tuple[Key, ...] = ("people", name)
            if key in person.model_fields_set:
                yield year.complaint((*path, key), text)
            else:
                yield year.complaint(path, text, key=True)


def _reasons(year: OnCallYear, name: str, person: Person) -> Iterator[tuple[str, str]]:
    channels = year.organisation.channels(name).values()
    sleeps = person.asleep is not None and not person.tireless
    if all(channel.loss == 1 for channel in channels):
        yield "channels", "all their channels lose every page"
    elif sleeps and all(channel.wakes == 0 or channel.loss == 1 for channel in channels):
        yield "asleep", f"no channel wakes them: they miss every page in {person.asleep}"
    if person.busy == 1:
        yield "busy", "given 1: they miss every page"
