"""Kinds of quantities: their units, how they are read, and what is said of a wrong one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from simulator.units.suggestions import closest_match


class UnitError(ValueError):
    """A quantity that cannot be read: what was given, what was expected, the nearest right one."""


@dataclass(frozen=True)
class Unit:
    """What a field's number counts; found in its metadata by the catalogue.

    Examples
    --------
    >>> Unit("ms", "a duration", "20m").example
    '20m'
    """

    base: str
    noun: str
    example: str


@dataclass(frozen=True)
class Scale:
    """The units of one kind of quantity, what people write instead, and what is absurd."""

    unit: Unit
    sizes: Mapping[str, Fraction]
    spoken: Mapping[str, str]
    most: Fraction
    compound: bool = False

    def refusal(self, given: object, why: str = "", meant: str = "") -> UnitError:
        what = f"{format_value(given)} is not {self.unit.noun}"
        hint = f"; did you mean {meant}?" if meant else ""
        units = ", ".join(list(self.sizes)[:9])
        return UnitError(f"{what}{why}{hint} (units {units}; for example '{self.unit.example}')")

    def read(self, given: object) -> Fraction:
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            raise self.refusal(given)
        if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", str(given)):
            usual = [f"'{given}{unit}'" for unit in self.usual(float(given))]
            raise self.refusal(given, ": it has no unit", " or ".join(usual))
        if not isinstance(given, str):
            raise self.refusal(given, ": it has no unit")
        if given.lstrip().startswith("-"):
            raise self.refusal(given, ": it is negative")
        found = _PIECE.findall(given)
        if not found or "".join(number + unit for number, unit in found) != given:
            raise self.refusal(given, meant=self.meant(given))
        if any(unit not in self.sizes for _, unit in found) or not self.in_order(found):
            raise self.refusal(given, meant=self.meant(given))
        total = sum((Fraction(number) * self.sizes[unit] for number, unit in found), Fraction(0))
        if total > self.most:
            raise self.refusal(given, ": it is absurdly large")
        return total

    def in_order(self, found: list[tuple[str, str]]) -> bool:
        """One piece; or, where pieces add up, larger units first and fractions only in the last."""
        sizes = [self.sizes[unit] for _, unit in found]
        falling = all(big > small for big, small in pairwise(sizes))
        whole = all("." not in number for number, _ in found[:-1])
        return len(found) == 1 or (self.compound and falling and whole)

    def usual(self, number: float = 1.0) -> list[str]:
        """Units that people leave out; of a large number more likely ms than minutes."""
        times = ("ms", "s") if number >= 100 else ("s", "m")
        return [unit for unit in (*times, "MiB", "/s", "MiB/s") if unit in self.sizes]

    def meant(self, given: str) -> str:
        """The nearest right writing, or nothing: '20 mins' -> "'20m'"."""
        pieces = _LOOSE.findall(given.replace(",", ""))
        if not pieces or len(pieces) > 4:
            return ""
        fixed = ""
        for number, word in pieces:
            unit = self.nearest(word.strip(), before=fixed)
            if unit is None:
                return ""
            fixed += number + unit
        if fixed == given:
            return ""
        try:
            self.read(fixed)
        except UnitError:
            return ""
        return f"'{fixed}'"

    def nearest(self, word: str, before: str) -> str | None:
        if word in self.sizes:
            return word
        if not word:
            return "m" if before.endswith("h") else self.usual()[0]
        lower = {**{unit.lower(): unit for unit in self.sizes}, **self.spoken}
        given = word.lower()
        # 'GBi' has all the letters of GiB, though it looks more like GB.
        turned = [known for known in lower if sorted(known) == sorted(given)]
        found = given if given in lower else turned[0] if turned else _close(given, lower)
        return None if found is None else lower[found]


def _close(word: str, units: Iterable[str]) -> str | None:
    # With a lower cutoff months were taken for minutes. No unit is longer than 20 characters.
    return closest_match(word, units, cutoff=0.8) if len(word) <= 20 else None


_PIECE = re.compile(r"(\d{1,18}(?:\.\d{1,9})?)([^\d.\s]+)")
_LOOSE = re.compile(r"(\d{1,18}(?:\.\d{1,9})?)\s*([^\d.]*)")

DAY_MS = 86_400_000
_TIMES = {
    "w": Fraction(7 * DAY_MS),
    "d": Fraction(DAY_MS),
    "h": Fraction(3_600_000),
    "m": Fraction(60_000),
    "s": Fraction(1000),
    "ms": Fraction(1),
}
_WORDS = {
    "w": ("wk", "week", "weeks"),
    "d": ("day", "days"),
    "h": ("hr", "hrs", "hour", "hours"),
    "m": ("min", "mins", "minute", "minutes"),
    "s": ("sec", "secs", "second", "seconds"),
    "ms": ("msec", "millis", "millisecond", "milliseconds"),
}
BYTES = {
    "B": Fraction(1),
    **{f"{k}iB": Fraction(1024**n) for n, k in enumerate(("K", "M", "G", "T"), 1)},
    **{f"{k}B": Fraction(1000**n) for n, k in enumerate(("k", "M", "G", "T"), 1)},
}
# Kubernetes writes Mi and Gi; people write M and G and mean those.
_BYTE_WORDS = {
    **{f"{k}{end}": f"{k.upper()}iB" for k in "kmgt" for end in ("", "i")},
    **{
        f"{name}{end}": f"{name[0].upper()}iB"
        for name in ("kilo", "mega", "giga", "tera")
        for end in ("byte", "bytes")
    },
    "byte": "B",
    "bytes": "B",
}
PER = {
    "/s": Fraction(1),
    "/min": Fraction(1, 60),
    "/h": Fraction(1, 3600),
    "/d": Fraction(1, 86400),
}

DURATION = Scale(
    Unit("ms", "a duration", "1h30m"),
    _TIMES,
    {word: unit for unit, words in _WORDS.items() for word in words},
    Fraction(3660 * DAY_MS),
    compound=True,
)
SIZE = Scale(Unit("bytes", "a size", "1.5GiB"), BYTES, _BYTE_WORDS, Fraction(1024**5))
RATE = Scale(
    Unit("per second", "a rate", "50/s"),
    PER,
    {"/sec": "/s", "/second": "/s", "/m": "/min", "/minute": "/min", "/hour": "/h", "/day": "/d",
     "rps": "/s", "qps": "/s", "hz": "/s", "per second": "/s", "per minute": "/min"},
    Fraction(10**9),
)  # fmt: skip
FLOW = Scale(
    Unit("bytes per second", "a flow of bytes", "2MiB/s"),
    {size + per: BYTES[size] * PER[per] for per in ("/s", "/min", "/h") for size in BYTES},
    {
        word + per: unit + "/s"
        for word, unit in {**{one.lower(): one for one in BYTES}, **_BYTE_WORDS}.items()
        for per in ("/s", "/sec", "/second")
    },
    Fraction(1024**4),
)


def format_value(given: object) -> str:
    """A value as a message names it: short, whatever it is.

    Examples
    --------
    >>> format_value("a"), format_value([1, 2]), format_value(None), format_value(True)
    ("'a'", 'a list of 2', 'nothing', 'true')
    """
    match given:
        case None:
            return "nothing"
        case bool():
            return str(given).lower()
        case str():
            return repr(given if len(given) <= 40 else given[:37] + "...")
        case int() | float():
            text = (
                str(given) if isinstance(given, float) or abs(given) < 10**18 else "a huge number"
            )
            return text
        case dict():
            return f"a map of {len(given)}"
        case list() | tuple():
            return f"a list of {len(given)}"
    return type(given).__name__
