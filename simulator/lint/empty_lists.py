"""Empty lists that mean all, where none may be meant."""

from collections.abc import Iterator

from simulator.lint.oncall_year import OnCallYear
from simulator.source import Complaint, Key


def warnings(year: OnCallYear) -> Iterator[Complaint]:
    """Empty lists of callers, channels and weekdays that are written out."""
    for path, text in _empty_lists(year):
        yield year.complaint(path, f"is empty: {text}")


def _empty_lists(year: OnCallYear) -> Iterator[tuple[tuple[Key, ...], str]]:
    oncall = year.oncall
    for name, team in oncall.teams.items():
        if "called_by" in team.model_fields_set and not team.called_by:
            yield ("teams", name, "called_by"), "every team may page it"
    for name, person in oncall.people.items():
        if "channels" in person.model_fields_set and not person.channels:
            yield ("people", name, "channels"), "they have all channels"
    for name, schedule in oncall.schedules.items():
        for number, layer in enumerate(schedule.layers):
            if "days" in layer.model_fields_set and not layer.days:
                yield ("schedules", name, "layers", number, "days"), "it holds on every day"
    for name, number, level in year.levels:
        if "days" in level.model_fields_set and not level.days:
            yield ("policies", name, "levels", number, "days"), "it holds on every day"
