"""Schedules compiled to shifts: rotations by the local clock, restrictions, overrides.

Local times are read as RFC 5545 reads them: one that clocks skip in spring counts with the offset
before the gap (02:30 becomes 03:30), and of two equal ones in autumn the first is meant. So a
hand-off at 09:00 is at 09:00 on both sides of a change of the clock, and a day has 23, 24 or 25
hours.
"""

from collections.abc import Iterable, Sequence
from itertools import compress
from zoneinfo import ZoneInfo

import numpy as np

from simulator.oncall.schedules.layers import CompiledLayer
from simulator.oncall.schedules.shifts import Shift, Shifts
from simulator.oncall.schedules.zone_offsets import zone_offsets
from simulator.pipeline.arrays import Ints
from simulator.scenario.schedule import Schedule

NOBODY = -1


def compile_schedule(
    schedule: Schedule, since: int, until: int, calendar: Iterable[Shift] = ()
) -> Shifts:
    """The shifts of a schedule over a horizon.

    Parameters
    ----------
    since, until : int, ms since 1970
        The horizon; its end is not part of it.
    calendar : iterable of Shift
        The shifts of the file under `ical`, in place of layers; later ones win.

    Examples
    --------
    >>> schedule = Schedule.model_validate({
    ...     "zone": "Europe/Berlin",
    ...     "layers": [{"people": ["ana", "ben"], "every": "1d", "hand_off": "09:00"}],
    ...     "overrides": [
    ...         {"from": "2026-03-28T12:00", "until": "2026-03-28T13:00", "person": "chi"}],
    ... })
    >>> shifts = compile_schedule(schedule, 1774656000000, 1774828800000)  # clocks go forward
    >>> for shift in shifts.shifts():
    ...     print(shift.person, (shift.end - shift.start) / 3_600_000)
    ben 8.0
    ana 3.0
    chi 1.0
    ana 19.0
    ben 17.0
    """
    if since >= until:
        raise ValueError(f"the horizon from {since} to {until} is empty")
    offsets = zone_offsets(schedule.zone, since, until)
    zone = ZoneInfo(schedule.zone)
    layers = [
        CompiledLayer(layer, schedule.holidays, offsets, since, until) for layer in schedule.layers
    ]
    spans = [
        *calendar,
        *(Shift(*override.span(zone), override.person) for override in schedule.overrides),
    ]
    edges = [np.array([edge for span in spans for edge in span[:2]], dtype=np.int64)]
    edges += [layer.edges() for layer in layers]
    inside = np.concatenate(edges)
    points = np.unique(np.append(inside[(since < inside) & (inside < until)], since))
    people = [name for layer in layers for name in layer.people]
    people += [span.person or "" for span in spans]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(people))}
    holders = np.full(len(points), NOBODY)
    for layer in layers:
        layer.take(points, holders, numbers)
    for span in spans:
        first, last = np.searchsorted(points, span[:2])
        holders[first:last] = numbers[span.person or ""]
    return _shifts(points, holders, list(numbers), until)


def _shifts(points: Ints, holders: Ints, names: Sequence[str], until: int) -> Shifts:
    """Shifts from who is on call from each point on; neighbours of one person are joined."""
    changes = np.append(True, holders[1:] != holders[:-1])
    people = (names[holder] if holder != NOBODY else None for holder in holders.tolist())
    return Shifts(points[changes].tolist(), list(compress(people, changes)), until)
