"""Zones that are probably not those that are meant: abbreviations, signs, and none at all."""

import re
from collections.abc import Iterator

from simulator.lint.oncall_year import OnCallYear
from simulator.scenario.policy import Policy
from simulator.scenario.schedule import Schedule
from simulator.source import Complaint, Key

_PLACES = {"EST": "America/New_York", "MST": "America/Denver"}
_UNSET = "there is no zone, so it is by the clock of UTC"


def warnings(year: OnCallYear) -> Iterator[Complaint]:
    """Zones whose clocks never change, of inverted sign, and times without a zone."""
    for path, zone in _zones(year):
        if text := _trap(zone):
            yield year.complaint(path, text)
    for path in _unzoned(year):
        yield year.complaint(path, _UNSET)


def _zones(year: OnCallYear) -> Iterator[tuple[tuple[Key, ...], str]]:
    oncall = year.oncall
    yield from ((("people", name, "zone"), person.zone) for name, person in oncall.people.items())
    yield from (
        (("schedules", name, "zone"), entry.zone) for name, entry in oncall.schedules.items()
    )
    yield from (
        (("policies", name, "zone"), policy.zone) for name, policy in oncall.policies.items()
    )


def _trap(zone: str) -> str:
    """Why a zone is probably another than meant, or an empty text."""
    if zone in _PLACES:
        return f"{zone} has no summer time; did you mean {_PLACES[zone]!r}?"
    match = re.fullmatch(r"Etc/GMT([+-])(\d+)", zone)
    if match is None or match[2] == "0":
        return ""
    side = "behind" if match[1] == "+" else "ahead of"
    return f"{zone} is {match[2]} h {side} UTC: its sign is inverted"


def _unzoned(year: OnCallYear) -> Iterator[tuple[Key, ...]]:
    """Times of entries without a zone, among people who have one."""
    oncall = year.oncall
    for name, person in oncall.people.items():
        if person.asleep is not None and "zone" not in person.model_fields_set:
            yield "people", name, "asleep"
    for name, schedule in oncall.schedules.items():
        if "zone" not in schedule.model_fields_set and _live_elsewhere(year, schedule):
            yield from (("schedules", name, *key) for key in _times(schedule))
    for name, policy in oncall.policies.items():
        if "zone" not in policy.model_fields_set and _pages_zones(year, policy):
            for number, level in enumerate(policy.levels):
                key = "between" if level.between is not None else "days"
                if level.between is not None or level.days:
                    yield "policies", name, "levels", number, key


def _times(schedule: Schedule) -> Iterator[tuple[Key, ...]]:
    """The first time of each layer."""
    for number, layer in enumerate(schedule.layers):
        keys = (key for key in ("hand_off", "between") if getattr(layer, key) is not None)
        yield from (("layers", number, key) for key in [*keys][:1])


def _live_elsewhere(year: OnCallYear, schedule: Schedule) -> bool:
    people = {name for layer in schedule.layers for name in layer.people}
    return bool(people) and all(year.oncall.people[name].zone != "UTC" for name in people)


def _pages_zones(year: OnCallYear, policy: Policy) -> bool:
    """Whether a schedule or person of a policy has a zone that is not UTC."""
    oncall = year.oncall
    for level in policy.levels:
        for target in level.page:
            names = [target.person, *(target.round_robin or ())]
            zones = [oncall.people[name].zone for name in names if name is not None]
            zones += [oncall.schedules[target.schedule].zone] if target.schedule else []
            if any(zone != "UTC" for zone in zones):
                return True
    return False
