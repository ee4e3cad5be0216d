"""Unit systems: the units of durations, sizes, rates and flows, and their parsing errors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from simulator.units.suggestions import closest_match


class UnitError(ValueError):
    """An invalid quantity: its value, what was expected, the closest valid text."""


@dataclass(frozen=True)
class Unit:
    """The unit of a field's number, in the field's metadata for the catalogue.

    Examples
    --------
    >>> Unit("ms", "a duration", "20m").example
    '20m'
    """

    base: str
    noun: str
    example: str


@dataclass(frozen=True)
class UnitSystem:
    """The units of one kind of quantity.

    Attributes
    ----------
    unit : Unit
        The base unit.
    sizes : mapping of str to Fraction
        Units by symbol, in base units.
    synonyms : mapping of str to str
        What people write instead of a symbol, for did-you-mean.
    maximum : Fraction
        In base units; larger values are refused.
    compound : bool
        Whether pieces add up: 1h30m.
    """

    unit: Unit
    sizes: Mapping[str, Fraction]
    synonyms: Mapping[str, str]
    maximum: Fraction
    compound: bool = False

    def error(self, value: object, reason: str = "", suggestion: str = "") -> UnitError:
        text = f"{format_value(value)} is not {self.unit.noun}"
        hint = f"; did you mean {suggestion}?" if suggestion else ""
        units = ", ".join(list(self.sizes)[:9])
        return UnitError(f"{text}{reason}{hint} (units {units}; for example '{self.unit.example}')")

    def parse(self, value: object) -> Fraction:
        """A text in base units.

        Raises
        ------
        UnitError
        """
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.error(value)
        if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", str(value)):
            texts = [f"'{value}{unit}'" for unit in self._usual_units(float(value))]
            raise self.error(value, ": it has no unit", " or ".join(texts))
        if not isinstance(value, str):
            raise self.error(value, ": it has no unit")
        if value.lstrip().startswith("-"):
            raise self.error(value, ": it is negative")
        pieces = _PIECE.findall(value)
        if "".join(number + unit for number, unit in pieces) != value or not self._valid(pieces):
            raise self.error(value, suggestion=self._suggestion(value))
        total = sum((Fraction(number) * self.sizes[unit] for number, unit in pieces), Fraction(0))
        if total > self.maximum:
            raise self.error(value, ": it is absurdly large")
        return total

    def _valid(self, pieces: list[tuple[str, str]]) -> bool:
        """One piece of a known unit; in compounds larger units first, a fraction only last."""
        if not pieces or any(unit not in self.sizes for _, unit in pieces):
            return False
        sizes = [self.sizes[unit] for _, unit in pieces]
        falling = all(larger > smaller for larger, smaller in pairwise(sizes))
        whole = all("." not in number for number, _ in pieces[:-1])
        return len(pieces) == 1 or (self.compound and falling and whole)

    def _usual_units(self, number: float = 1.0) -> list[str]:
        """The units that people omit; a large number is more likely ms than minutes."""
        times = ("ms", "s") if number >= 100 else ("s", "m")
        return [unit for unit in (*times, "MiB", "/s", "MiB/s") if unit in self.sizes]

    def _suggestion(self, text: str) -> str:
        """The closest valid text in quotes, or nothing: '20 mins' -> "'20m'"."""
        text = _RHYTHMS.get(text.lower(), text)
        pieces = _LOOSE.findall(text.replace(",", ""))
        if not pieces or len(pieces) > 4:
            return ""
        fixed = ""
        for number, word in pieces:
            unit = self._closest_unit(word.strip(), before=fixed)
            if unit is None:
                return ""
            fixed += number + unit
        if fixed == text:
            return ""
        try:
            self.parse(fixed)
        except UnitError:
            return ""
        return f"'{fixed}'"

    def _closest_unit(self, word: str, before: str) -> str | None:
        if word in self.sizes:
            return word
        if not word:
            return "m" if before.endswith("h") else self._usual_units()[0]
        units = {**{unit.lower(): unit for unit in self.sizes}, **self.synonyms}
        lower = word.lower()
        # 'GBi' has all the letters of GiB, though it looks more like GB.
        anagrams = [unit for unit in units if sorted(unit) == sorted(lower)]
        # No unit is longer than 20 characters. With a lower cutoff months were taken for minutes.
        close = closest_match(lower, units, cutoff=0.8) if len(lower) <= 20 else None
        match = lower if lower in units else anagrams[0] if anagrams else close
        return None if match is None else units[match]


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
_RHYTHMS = {"weekly": "1 week", "daily": "1 day", "hourly": "1 hour"}
_TIME_WORDS = {
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
# Kubernetes writes Mi and Gi; people write M and G for the same.
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

DURATION = UnitSystem(
    Unit("ms", "a duration", "1h30m"),
    _TIMES,
    {word: unit for unit, words in _TIME_WORDS.items() for word in words},
    Fraction(3660 * DAY_MS),
    compound=True,
)
SIZE = UnitSystem(Unit("bytes", "a size", "1.5GiB"), BYTES, _BYTE_WORDS, Fraction(1024**5))
RATE = UnitSystem(
    Unit("per second", "a rate", "50/s"),
    PER,
    {"/sec": "/s", "/second": "/s", "/m": "/min", "/minute": "/min", "/hour": "/h", "/day": "/d",
     "rps": "/s", "qps": "/s", "hz": "/s", "per second": "/s", "per minute": "/min"},
    Fraction(10**9),
)  # fmt: skip
FLOW = UnitSystem(
    Unit("bytes per second", "a flow of bytes", "2MiB/s"),
    {size + per: BYTES[size] * PER[per] for per in ("/s", "/min", "/h") for size in BYTES},
    {
        word + per: unit + "/s"
        for word, unit in {**{size.lower(): size for size in BYTES}, **_BYTE_WORDS}.items()
        for per in ("/s", "/sec", "/second")
    },
    Fraction(1024**4),
)


def format_value(value: object) -> str:
    """Any value as a short text for messages.

    Examples
    --------
    >>> [format_value(value) for value in ("a", [1, 2], None, True)]
    ["'a'", 'a list of 2', 'nothing', 'true']
    """
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return repr(value if len(value) <= 40 else value[:37] + "...")
        case float():
            return str(value)
        case int():
            return str(value) if abs(value) < 10**18 else "a huge number"
        case dict():
            return f"a map of {len(value)}"
        case list() | tuple():
            return f"a list of {len(value)}"
    return type(value).__name__
