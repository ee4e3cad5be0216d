"""Who is on call: 100 schedules of 1,000 people over a year, at a million random instants.

Run from the repository's root: ``python -m tests.benchmarks.bench_schedules``. Every schedule has
a weekly rotation, nights in shifts of twelve hours, weekends, 20 overrides and 10 holidays; zones
are those of five continents. Compiling includes finding the zones' clock changes.
"""

from __future__ import annotations

import numpy as np

from simulator.oncall.ical.calendar_events import read_calendar
from simulator.oncall.ical.export_ical import export_ical
from simulator.oncall.schedules.compile import compile_schedule
from simulator.oncall.schedules.shifts import Shifts
from simulator.oncall.schedules.zone_offsets import zone_offsets
from simulator.scenario.schedule import Schedule
from simulator.units import DAY_MS
from tests.benchmarks.clocks import median, table, time_in_turn

ZONES = (
    "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Sydney", "Africa/Lagos",
)  # fmt: skip
SCHEDULES, PEOPLE, INSTANTS = 100, 1000, 1_000_000
SINCE = 20_454 * DAY_MS  # 2026-01-01
UNTIL = SINCE + 365 * DAY_MS


def schedules() -> list[Schedule]:
    """The schedules; each has ten people of its own."""
    dice = np.random.default_rng(1)
    result = []
    for number in range(SCHEDULES):
        own = PEOPLE // SCHEDULES
        people = [f"person-{number * own + n}" for n in range(own)]
        starts = np.sort(dice.integers(1, 350, 20))
        days = [str(np.datetime64("2026-01-01") + day) for day in starts]
        ends = [str(np.datetime64("2026-01-01") + day + 2) for day in starts]
        result.append(Schedule.model_validate({
            "zone": ZONES[number % len(ZONES)],
            "layers": [
                {"people": people, "hand_off": "Mon 09:00"},
                {"people": people[:6], "every": "12h", "between": "18:00-08:00"},
                {"people": people[6:], "every": "1d", "days": ["Sat", "Sun"]},
            ],
            "overrides": [
                {"from": f"{day}T18:00", "until": f"{end}T09:00", "person": people[n % own]}
                for n, (day, end) in enumerate(zip(days, ends, strict=True))
            ],
            "holidays": days[:10],
        }))  # fmt: skip
    return result


def compile_all(sources: list[Schedule]) -> list[Shifts]:
    """The shifts of a year, with nothing remembered."""
    zone_offsets.cache_clear()
    return [compile_schedule(schedule, SINCE, UNTIL) for schedule in sources]


def ask(compiled: list[Shifts], instants: list[tuple[int, int]]) -> int:
    """How many of the random instants have somebody on call."""
    return sum(compiled[number].on_call(at) is not None for number, at in instants)


def measure(repeats: int) -> None:
    """Print the table."""
    sources = schedules()
    compiled = compile_all(sources)
    dice = np.random.default_rng(2)
    numbers = dice.integers(0, SCHEDULES, INSTANTS).tolist()
    instants = list(zip(numbers, dice.integers(SINCE, UNTIL, INSTANTS).tolist(), strict=True))
    text = export_ical(compiled[0], "primary", sources[0].zone)
    people = compiled[0].people()
    times = time_in_turn(
        {
            "compile": lambda: compile_all(sources),
            "ask": lambda: ask(compiled, instants),
            "export": lambda: export_ical(compiled[0], "primary", sources[0].zone),
            "read": lambda: read_calendar(text, "primary.ics", people, "UTC").shifts(SINCE, UNTIL),
        },
        repeats,
    )
    seconds = {name: median(calls).processor for name, calls in times.items()}
    shifts = sum(len(list(year.spans())) for year in compiled)
    events = len(list(compiled[0].shifts()))
    table(
        "Who is on call",
        ("", "processor s", "", "target"),
        [
            ("100 schedules, a year", f"{seconds['compile']:.3f}", f"{shifts:,} shifts", "1 s"),
            ("10^6 random instants", f"{seconds['ask']:.3f}",
             f"{INSTANTS / seconds['ask']:,.0f}/s", "100,000/s"),
            ("a calendar written", f"{seconds['export']:.3f}", f"{events:,} events", ""),
            ("a calendar read", f"{seconds['read']:.3f}",
             f"{1e6 * seconds['read'] / events:.0f} us an event", ""),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    measure(5)
