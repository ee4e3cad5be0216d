"""Who is on call, worked out for one instant at a time; and random schedules."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from simulator.scenario.local_time import WEEKDAYS
from simulator.scenario.schedule import FIRST_MONDAY, Layer, Schedule, instant_ms

ZONES = (
    "UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata",
    "Australia/Lord_Howe",  # by half an hour
    "America/Havana",  # at midnight
    "Pacific/Apia",  # without 2011-12-30
)  # fmt: skip
DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 2011, 2031


def on_call(schedule: Schedule, epoch_ms: int) -> str | None:
    """Who is on call, by the words of the format."""
    zone = ZoneInfo(schedule.zone)
    for override in reversed(schedule.overrides):
        start, end = override.span(zone)
        if start <= epoch_ms < end:
            return override.person
    for layer in reversed(schedule.layers):
        if covers(layer, schedule, epoch_ms):
            return turn(layer, zone, epoch_ms)
    return None


def covers(layer: Layer, schedule: Schedule, epoch_ms: int) -> bool:
    """Whether a layer has somebody: its days around the instant, one after the other."""
    zone = ZoneInfo(schedule.zone)
    today = datetime.fromtimestamp(epoch_ms / 1000, UTC).astimezone(zone).date()
    hand_off = minute_of(layer)
    if layer.starts and epoch_ms < at(layer.starts, hand_off, zone):
        return False
    if layer.until and epoch_ms >= at(layer.until, hand_off, zone):
        return False
    start, end = layer.between or (0, 24 * 60)
    for day in (today + n * DAY for n in range(-2, 3)):
        weekday = "Sun" if day in schedule.holidays else WEEKDAYS[day.weekday()]
        last = day + DAY if end <= start else day
        if layer.days and weekday not in layer.days:
            continue
        if at(day, start, zone) <= epoch_ms < at(last, end, zone):
            return True
    return False


def turn(layer: Layer, zone: ZoneInfo, epoch_ms: int) -> str:
    """The person of the last hand-off, counted from the first one near the instant."""
    day = first_day(layer)
    hand_off = datetime.combine(day, time()) + timedelta(minutes=minute_of(layer))
    every = timedelta(milliseconds=layer.every)
    now = datetime.fromtimestamp(epoch_ms / 1000, UTC).replace(tzinfo=None)
    first = (now - 3 * DAY - hand_off) // every
    last = first
    for number in count(first):
        if hand_off + number * every > now + 3 * DAY:
            break
        if instant_ms(hand_off + number * every, zone) <= epoch_ms:
            last = number
    return layer.people[last % len(layer.people)]


def first_day(layer: Layer) -> date:
    weekly = layer.every % (7 * 86_400_000) == 0
    weekday = None if layer.hand_off is None else layer.hand_off.weekday
    if layer.hand_off is None and weekly:
        weekday = 0
    day = layer.starts or FIRST_MONDAY
    while weekday is not None and day.weekday() != weekday:
        day += -DAY if layer.starts else DAY
    return day


def minute_of(layer: Layer) -> int:
    return layer.hand_off.minute if layer.hand_off else 0


def at(day: date, minute: int, zone: ZoneInfo) -> int:
    return instant_ms(datetime.combine(day, time()) + timedelta(minutes=minute), zone)


def clocks() -> st.SearchStrategy[str]:
    """Times of day: often those near which clocks change."""
    return st.sampled_from(("00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "09:00", "21:00"))


def days(years: tuple[int, int] = (FIRST_YEAR, LAST_YEAR)) -> st.SearchStrategy[date]:
    return st.dates(date(years[0], 1, 1), date(years[1], 12, 31))


@st.composite
def layers(draw: st.DrawFn, people: tuple[str, ...]) -> dict[str, object]:
    every = draw(st.sampled_from(("1h", "30m", "6h", "12h", "1d", "3d", "7d", "14d")))
    weekday = draw(st.sampled_from(("", "Mon ", "Wed "))) if every in ("7d", "14d") else ""
    names = draw(st.lists(st.sampled_from(people), min_size=1, max_size=4))
    layer: dict[str, object] = {"people": names, "every": every}
    if draw(st.booleans()):
        layer["hand_off"] = weekday + draw(clocks())
    start = draw(st.none() | days())
    if start is not None:
        layer["starts"] = start.isoformat()
        if draw(st.booleans()):
            layer["until"] = (start + draw(st.integers(1, 500)) * DAY).isoformat()
    if draw(st.booleans()):
        first, last = draw(st.lists(clocks(), min_size=2, max_size=2, unique=True))
        layer["between"] = f"{first}-{last}"
    if draw(st.booleans()):
        layer["days"] = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True))
    return layer


@st.composite
def schedules(draw: st.DrawFn, people: tuple[str, ...] = ("ana", "ben", "chi")) -> Schedule:
    overrides = []
    for _ in range(draw(st.integers(0, 4))):
        start = datetime.combine(draw(days()), time.fromisoformat(draw(clocks())))
        until = start + timedelta(hours=draw(st.integers(2, 300)))
        person = draw(st.sampled_from(people))
        overrides.append({"from": start.isoformat(), "until": until.isoformat(), "person": person})
    return Schedule.model_validate({
        "zone": draw(st.sampled_from(ZONES)),
        "layers": draw(st.lists(layers(people), min_size=1, max_size=3)),
        "overrides": overrides,
        "holidays": [day.isoformat() for day in draw(st.lists(days(), max_size=5))],
    })  # fmt: skip
