"""Rotations put together to schedules with one person at a time.

Elsewhere several people of a schedule may be on call at once; here each has a schedule of their
own, a track, and whoever pages the schedule pages all its tracks.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from simulator.oncall.imports.clock import EPOCH
from simulator.oncall.imports.layer_fit import LayerEntry, fit_layers
from simulator.oncall.imports.rotas import WEEK, Rota, TurnRota, merged
from simulator.scenario.schedule import instant_ms

# A rotation with so many shifts in all is written as overrides, all of them.
FEW_SHIFTS = 400
MOST_OVERRIDES = 5_000
# Two rotations are compared for so long: leap days aside, what does not meet in it never does.
_COMPARED = 106 * WEEK
_FAR = EPOCH.replace(year=2190)

Say = Callable[[Rota, str], None]


class Period(NamedTuple):
    """The time for which shifts are listed that no layer can have."""

    since: date | None
    days: int


class ScheduleEntry(NamedTuple):
    """A schedule as it stands in a file, with the rotation behind each of its layers."""

    entry: dict[str, object]
    layer_names: list[str]


def split_tracks(rotas: Sequence[Rota]) -> list[list[Rota]]:
    """Rotations without precedence, by tracks in which no two are on call at once."""
    tracks: list[list[Rota]] = []
    for rota in rotas:
        for track in tracks:
            if not any(overlapping(rota, other) for other in track):
                track.append(rota)
                break
        else:
            tracks.append([rota])
    return tracks


def overlapping(rota: Rota, other: Rota) -> bool:
    """Whether two rotations ever have somebody on call at the same time."""
    since = max(rota.start, other.start) - timedelta(days=2)
    until = since + _COMPARED
    sides = [merged(list(_instants(side, since, until))) for side in (rota, other)]
    left_spans, right_spans = iter(sides[0]), iter(sides[1])
    left_span, right_span = next(left_spans, None), next(right_spans, None)
    while left_span and right_span:
        if max(left_span[0], right_span[0]) < min(left_span[1], right_span[1]):
            return True
        if left_span[1] <= right_span[1]:
            left_span = next(left_spans, None)
        else:
            right_span = next(right_spans, None)
    return False


def _instants(rota: Rota, since: datetime, until: datetime) -> Iterator[tuple[int, int]]:
    zone = ZoneInfo(rota.zone)
    for shift in rota.shifts(until, since):
        if shift.person is not None:
            yield instant_ms(shift.start, zone), instant_ms(shift.end, zone)


def compose(rotas: Sequence[Rota], zone: str, period: Period, say: Say) -> ScheduleEntry:
    """A schedule of rotations, of which later ones win.

    What layers can have becomes layers. Other shifts become overrides, and so do those of the
    rotations that have to win over them.
    """
    layers: list[LayerEntry] = []
    names: list[str] = []
    listed: list[Rota] = []
    for rota in rotas:
        fitted = None
        if not any(overlapping(rota, lower) for lower in listed):
            fitted = _layers_of(rota, zone, say)
        if fitted is None:
            listed.append(rota)
            if _overlaps_itself(rota):
                say(rota, "its shifts overlap: the later one is on call alone")
        else:
            layers += fitted
            names += [rota.name, *[""] * (len(fitted) - 1)]
    entry: dict[str, object] = {"zone": zone}
    overrides = [override for rota in listed for override in _overrides(rota, zone, period, say)]
    if layers:
        entry["layers"] = layers
    if overrides:
        entry["overrides"] = overrides
    return ScheduleEntry(entry, names)


def _layers_of(rota: Rota, zone: str, say: Say) -> list[LayerEntry] | None:
    if rota.zone != zone:
        return None
    fitted = fit_layers(rota)
    if fitted is None and isinstance(rota, TurnRota) and (aligned := rota.aligned()) != rota:
        fitted = fit_layers(aligned)
        if fitted is not None and aligned.start != rota.start:
            say(
                rota,
                f"starts at {aligned.start}, not {rota.start}: layers start at a hand-off",
            )
        if fitted is not None and aligned.end != rota.end:
            say(rota, f"ends at {aligned.end}, not {rota.end}: layers end at a hand-off")
    return fitted


def _overlaps_itself(rota: Rota) -> bool:
    """Whether two people of a rotation are on call at once, looking at its first shifts."""
    shifts = islice(rota.shifts(_FAR), FEW_SHIFTS)
    return any(b.start < a.end and b.person != a.person for a, b in pairwise(shifts))


def _overrides(rota: Rota, zone: str, period: Period, say: Say) -> Iterator[dict[str, object]]:
    """A rotation's shifts as overrides: all if they are few, else those of the period."""
    shifts = list(islice(rota.shifts(_FAR), FEW_SHIFTS + 1))
    if len(shifts) > FEW_SHIFTS:
        since = datetime.combine(period.since or rota.start.date(), EPOCH.time())
        until = since + timedelta(days=period.days)
        shifts = list(islice(rota.shifts(until, since), MOST_OVERRIDES))
        if len(shifts) == MOST_OVERRIDES:
            until = shifts[-1].start
        text = "no layer has these shifts: overrides"
        say(
            rota,
            f"{text} from {since.date()} until {until.date()}, and nobody after them; see --from",
        )
    here, there = ZoneInfo(zone), ZoneInfo(rota.zone)
    rows: list[tuple[int, int, str]] = []
    for shift in shifts:
        start, end = instant_ms(shift.start, there), instant_ms(shift.end, there)
        if shift.person is None or start >= end:
            continue
        if rows and rows[-1][1:] == (start, shift.person):
            rows[-1] = (rows[-1][0], end, shift.person)
        else:
            rows.append((start, end, shift.person))
    for start, end, person in rows:
        yield {"from": _local(start, here), "until": _local(end, here), "person": person}


def _local(epoch_ms: int, zone: ZoneInfo) -> str:
    """An instant by the local clock, with its offset where the clock alone is ambiguous."""
    moment = datetime.fromtimestamp(epoch_ms / 1000, UTC).astimezone(zone)
    naive = moment.replace(tzinfo=None, fold=0)
    exact = instant_ms(naive, zone) == epoch_ms
    return (naive if exact else moment).isoformat(
        timespec="seconds" if moment.second else "minutes"
    )
