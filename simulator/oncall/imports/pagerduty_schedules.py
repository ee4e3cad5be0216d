"""PagerDuty's schedules: layers of turns, and rotations of recurring events (schedulev2)."""

from datetime import datetime, timedelta

from simulator.oncall.imports.clock import clock_field, moment_field, optional_moment, zone_field
from simulator.oncall.imports.directory import Directory
from simulator.oncall.imports.draft import Draft
from simulator.oncall.imports.fields import Fields
from simulator.oncall.imports.recurrence import RuleSet, read_rules
from simulator.oncall.imports.rotas import DAY, Rota, RuleRota, TurnRota, WeekWindow
from simulator.oncall.imports.tracks import split_tracks
from simulator.units import format_value

NOBODY = None


def add_schedule(draft: Draft, fields: Fields, users: Directory[str]) -> list[str]:
    """Add a schedule of layers: the last layer with somebody on call wins.

    Hand-offs and restrictions are read by the clock of the schedule's zone, and turns go on
    outside restrictions.
    """
    zone, label = zone_field(fields, "time_zone"), fields.optional_text("name") or fields.path
    fields.skip("id")
    layers = [rota for block in fields.blocks("layer") if (rota := _layer(block, zone, users))]
    if not layers:
        fields.remark("layer", "nobody is ever on call: the schedule is left out")
        return []
    names = draft.add_schedule(label, zone, [layers], fields)
    fields.place = ("schedules", names[0])
    return names


def _layer(block: Fields, zone: str, users: Directory[str]) -> Rota | None:
    block.skip("id")
    start = moment_field(block, "start", zone)
    anchor = moment_field(block, "rotation_virtual_start", zone)
    end = optional_moment(block, "end", zone)
    turn = block.number("rotation_turn_length_seconds")
    people = tuple(users.find_all(block.texts("users"), block, "users"))
    windows = tuple(w for r in block.blocks("restriction") for w in _windows(r))
    name = block.optional_text("name")
    if turn < 60:
        block.complain("rotation_turn_length_seconds", f"{turn} is less than a minute")
        return None
    if not people or (end is not None and end <= start):
        return None
    length = timedelta(seconds=turn)
    return TurnRota(name, zone, people, (length,), anchor, start, end, windows)


def _windows(restriction: Fields) -> list[WeekWindow]:
    kind = restriction.text("type")
    at = clock_field(restriction, "start_time_of_day")
    length = timedelta(seconds=restriction.number("duration_seconds"))
    day = restriction.number("start_day_of_week", 0)
    if kind == "daily_restriction":
        return [WeekWindow(number * DAY + at, min(length, DAY)) for number in range(7)]
    if kind != "weekly_restriction" or not 1 <= day <= 7:
        restriction.complain(
            "type", "expected daily_restriction, or weekly_restriction with a day from 1 to 7"
        )
    return [WeekWindow((day - 1) * DAY + at, min(length, 7 * DAY))]


def add_schedulev2(draft: Draft, fields: Fields, users: Directory[str]) -> list[str]:
    """Add a schedule of rotations, each of which has recurring events.

    Rotations are independent: those that overlap have several people on call at once. Rules are
    read by the clock of the schedule's zone.
    """
    zone = zone_field(fields, "time_zone")
    fields.skip("id")
    rotas: list[Rota] = []
    for rotation in fields.blocks("rotation"):
        rotation.skip("id")
        for event in rotation.blocks("event"):
            event.skip("id")
            rotas += _event(event, zone, users)
    if not rotas:
        fields.remark("rotation", "nobody is ever on call: the schedule is left out")
        return []
    names = draft.add_schedule(fields.text("name"), zone, split_tracks(rotas), fields)
    fields.place = ("schedules", names[0])
    return names


def _event(event: Fields, zone: str, users: Directory[str]) -> list[Rota]:
    start = moment_field(event, "start_time", zone)
    stop = moment_field(event, "end_time", zone)
    since = moment_field(event, "effective_since", zone)
    until = optional_moment(event, "effective_until", zone)
    recurrence = read_rules(event, "recurrence", start, zone)
    strategy = event.block("assignment_strategy")
    name = event.optional_text("name")
    if recurrence is None or strategy is None:
        return []
    people = [_member(member, users) for member in strategy.blocks("member")]
    per_member = max(strategy.number("shifts_per_member", 1), 1)
    if stop <= start:
        event.complain("end_time", "is not after start_time")
        return []
    if since > start:
        event.remark("effective_since", "turns are counted from the first shift after it")
    kind = strategy.text("type")
    together = kind == "every_member_assignment_strategy"
    if not together and kind not in ("", "rotating_member_assignment_strategy"):
        strategy.complain("type", f"unknown strategy {format_value(kind)}")
    groups = [(person,) for person in people if person] if together else [tuple(people)]
    return [
        _rota(name, zone, group, recurrence, stop - start, per_member, max(start, since), until)
        for group in groups
        if any(group)
    ]


def _rota(
    name: str, zone: str, people: tuple[str | None, ...], recurrence: RuleSet,
    length: timedelta, per_member: int, start: datetime, until: datetime | None,
) -> Rota:  # fmt: skip
    # A shift that would start just when the event stops does not happen.
    until = until and until - timedelta(seconds=1)
    ends = [moment for moment in (recurrence.until, until) if moment is not None]
    return RuleRota(
        name, zone, people, recurrence.starts, length, lambda start, number: number // per_member,
        start, min(ends, default=None), recurrence.cycle(len(people) * per_member),
        recurrence.dropped, recurrence.added,
    )  # fmt: skip


def _member(member: Fields, users: Directory[str]) -> str | None:
    kind = member.text("type")
    if kind == "empty_member":
        return NOBODY
    if kind and kind != "user_member":
        member.complain("type", f"expected user_member or empty_member, given {kind!r}")
        return NOBODY
    return users.find(member.text("user_id"), member, "user_id")
