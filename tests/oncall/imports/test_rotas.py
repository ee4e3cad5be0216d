"""Laws: a composed schedule has the people of its rotations on call, at every instant."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from simulator.oncall.imports.layer_fit import fit_layers
from simulator.oncall.imports.rotas import DAY, WEEK, TurnRota, WeekWindow
from simulator.oncall.imports.tracks import Period, compose, overlapping, split_tracks
from simulator.oncall.schedules.compile import compile_schedule
from simulator.oncall.schedules.shifts import Shift
from simulator.scenario.schedule import Schedule, instant_ms

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 3, 2, 9)
PEOPLE = ("ana", "ben", "chi", "dee")

windows = some.lists(
    some.builds(
        WeekWindow,
        some.integers(0, 167).map(lambda hour: hour * HOUR),
        some.integers(1, 60).map(lambda hours: hours * HOUR),
    ),
    max_size=2,
).map(tuple)
rotas = some.builds(
    TurnRota,
    name=some.just(""),
    zone=some.just("America/New_York"),
    people=some.integers(1, 4).map(lambda count: PEOPLE[:count]),
    lengths=some.lists(some.sampled_from([8 * HOUR, 36 * HOUR, DAY, 3 * DAY, WEEK]), min_size=1, max_size=2).map(tuple),
    anchor=some.integers(0, 200).map(lambda hours: MONDAY - hours * HOUR),
    start=some.just(MONDAY),
    windows=windows,
    skips_idle=some.booleans(),
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(some.lists(rotas, min_size=1, max_size=2))
def test_a_schedule_has_the_people_of_its_rotations(rotas):
    zone = ZoneInfo("America/New_York")
    begin, end = MONDAY + 2 * WEEK, MONDAY + 10 * WEEK
    since, until = instant_ms(begin, zone), instant_ms(end, zone)
    period = Period(MONDAY.date(), 80)
    remarks = []
    entry = compose(rotas, zone.key, period, lambda rota, text: remarks.append(text)).entry
    shifts = [
        Shift(instant_ms(shift.start, zone), instant_ms(shift.end, zone), shift.person)
        for rota in rotas
        for shift in rota.shifts(end + WEEK)
    ]
    calendar = Schedule(zone=zone.key, ical="expected")
    expected = compile_schedule(calendar, since, until, [s for s in shifts if s.start < s.end])
    assert compile_schedule(Schedule.model_validate(entry), since, until) == expected


@pytest.mark.parametrize(
    "lengths, layers",
    [
        ((WEEK,), [{"every": "1w", "hand_off": "Mon 09:00"}]),
        ((2 * WEEK,), [{"every": "2w", "hand_off": "Mon 09:00"}]),
        ((DAY,), [{"every": "1d", "hand_off": "09:00"}]),
        ((8 * HOUR,), [{"every": "8h", "hand_off": "09:00"}]),
    ],
)
def test_plain_turns_are_one_plain_layer(lengths, layers):
    fitted = fit_layers(TurnRota("", "Europe/Berlin", PEOPLE, lengths, MONDAY, MONDAY))
    plain = {"people": list(PEOPLE), "starts": "2026-03-02"}
    assert fitted == [plain | layer for layer in layers]


def test_a_weekend_is_cut_at_midnights():
    weekend = WeekWindow(4 * DAY + 17 * HOUR, 64 * HOUR)
    rota = TurnRota("", "UTC", ("ana",), (WEEK,), MONDAY, MONDAY, windows=(weekend,))
    fitted = fit_layers(rota)
    parts = {layer.get("between"): layer["days"] for layer in fitted}
    assert parts == {"17:00-24:00": ["Fri"], None: ["Sat", "Sun"], "00:00-09:00": ["Mon"]}


def test_turns_of_thirty_six_hours_are_no_layer():
    assert fit_layers(TurnRota("", "UTC", PEOPLE, (36 * HOUR,), MONDAY, MONDAY)) is None


def test_rotations_side_by_side_have_tracks():
    days, nights = (
        TurnRota(
            name, "UTC", ("ana",), (WEEK,), MONDAY, MONDAY,
            windows=tuple(WeekWindow(day * DAY + start * HOUR, 12 * HOUR) for day in range(7)),
        )
        for name, start in (("days", 8), ("nights", 20))
    )  # fmt: skip
    always = TurnRota("always", "UTC", ("ben",), (WEEK,), MONDAY, MONDAY)
    assert not overlapping(days, nights)
    assert overlapping(days, always)
    assert split_tracks([days, always, nights]) == [[days, nights], [always]]
