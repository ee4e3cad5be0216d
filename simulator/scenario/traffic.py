"""The format of traffic: a rate, a daily profile, bursts, or a recorded trace."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import prod
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from simulator.scenario.base import Frozen, Name
from simulator.source import Issue, raise_issues
from simulator.units import (
    Count,
    Duration,
    Number,
    Rate,
    Ratio,
    UnitError,
    format_ms,
    format_value,
)

# What the draws of a run are laid out for (simulator.pipeline.traffic).
MOST_PER_SECOND = 8192
MOST_RECORDED_PER_SECOND = 4096
# 80 MB of times, kept in memory for the whole run.
MOST_RECORDED = 10_000_000


def _parse_profile(value: object) -> tuple[float, ...]:
    if value == "flat":
        return (1.0,) * 24
    numbers = value if isinstance(value, list | tuple) else ()
    valid = all(
        isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n <= 1000 for n in numbers
    )
    if len(numbers) != 24 or not valid or not any(numbers):
        raise UnitError(
            f"{format_value(value)}: expected 'flat' or 24 multipliers from 0 to 1000, one an hour"
        )
    return tuple(float(number) for number in numbers)


Profile = Annotated[
    tuple[float, ...],
    BeforeValidator(_parse_profile),
    WithJsonSchema({
        "anyOf": [
            {"const": "flat"},
            {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 24,
             "maxItems": 24},
        ]
    }),
]  # fmt: skip


class BurstSpec(Frozen):
    """A time with more or fewer requests; it may be announced."""

    at: Duration
    """Its start."""
    lasts: Duration
    """Its duration."""
    factor: Annotated[Number, Field(ge=0, le=1000)]
    """The factor of the usual traffic; 0 for none."""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        raise_issues([Issue(("lasts",), "given '0s', expected more")] if not self.lasts else [])
        return self

    def active(self, at: int) -> bool:
        """Whether it is active at a time, ms."""
        return self.at <= at < self.at + self.lasts


class Trace(Frozen):
    """A recorded trace of arrivals, which replaces rate, profile and bursts while it lasts.

    It is the same in every run; only the content of requests depends on the seed.
    """

    at: Duration = 0
    """Its start."""
    every: Duration | None = None
    """The interval of a count."""
    counts: tuple[Count, ...] | None = None
    """The requests in each interval."""
    times: tuple[Duration, ...] | None = None
    """Or the arrival time of each request, from the start of the trace."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.counts is None) == (self.times is None):
            raise_issues([Issue((), "expected either counts or times")])
        if self.counts is not None:
            raise_issues(list(self._counted(self.counts)))
        if self.times is not None:
            raise_issues(list(self._timed(self.times)))
        return self

    def _counted(self, counts: tuple[int, ...]) -> Iterable[Issue]:
        if not self.every:
            yield Issue(("every",), "is missing or 0: how long each of the counts lasts")
            return
        if not any(counts):
            yield Issue(("counts",), "has no request")
        if sum(counts) > MOST_RECORDED:
            text = f"{sum(counts):,} requests, expected at most {MOST_RECORDED:,} in a recording"
            yield Issue(("counts",), text)
        most = MOST_RECORDED_PER_SECOND * self.every // 1000
        for number, count in enumerate(counts):
            if count > most:
                text = f"given {count}, expected at most {most} in {format_ms(self.every)}"
                yield Issue(("counts", number), text)

    def _timed(self, times: tuple[int, ...]) -> Iterable[Issue]:
        if self.every is not None:
            yield Issue(("every",), "stands beside times; only counts have it")
        if not times:
            yield Issue(("times",), "has no request")
        for number, (before, after) in enumerate(pairwise(times), 1):
            if after < before:
                text = f"given {format_ms(after)!r}, before the one above ({format_ms(before)})"
                yield Issue(("times", number), text)
        # No second may have more.
        step = MOST_RECORDED_PER_SECOND
        for number, (first, last) in enumerate(zip(times, times[step:], strict=False), step):
            if last - first < 1000:
                yield Issue(("times", number), f"more than {step} requests in a second")
                return

    @property
    def requests(self) -> int:
        """The number of requests."""
        return len(self.times or ()) + sum(self.counts or ())

    @property
    def lasts(self) -> int:
        """Its duration, ms; with times, until the last one."""
        if self.counts is not None:
            return len(self.counts) * (self.every or 0)
        return (self.times or (0,))[-1] + 1


class Traffic(Frozen):
    """The arrival rate of requests."""

    rate: Rate
    """The mean rate of requests."""
    profile: Profile = (1.0,) * 24
    """`flat`, or 24 multipliers of the rate, one for each hour of the day."""
    bursts: tuple[BurstSpec, ...] = ()
    """Bursts: `{at: 1h, lasts: 5m, factor: 3}`; overlapping bursts multiply."""
    trace: Trace | None = None
    """A recorded trace instead."""
    classes: Mapping[Name, Ratio] = Field(default_factory=dict)
    """Classes of requests with their shares: `{interactive: 0.7, batch: 0.3}`."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        raise_issues([
            Issue(("classes", name), "given 0, expected a share above 0")
            for name, share in self.classes.items()
            if not share
        ])  # fmt: skip
        total = sum(self.classes.values())
        if self.classes and abs(total - 1.0) > 1e-6:
            raise_issues([Issue(("classes",), f"the shares add up to {total:.4g}, expected 1")])
        return self

    @model_validator(mode="after")
    def _bearable(self) -> Self:
        if self.rate == 0:
            raise_issues(
                [Issue(("rate",), "given '0/s', expected more: nobody would ask anything")]
            )
        if self.rate * max(self.profile) > MOST_PER_SECOND:
            raise_issues([Issue(("rate",), _too_many(self.rate * max(self.profile)))])
        raise_issues([
            Issue(("bursts", number, "factor"), _too_many(peak))
            for number, peak in sorted(self._peaks().items())
            if peak > MOST_PER_SECOND
        ])  # fmt: skip
        return self

    def _peaks(self) -> dict[int, float]:
        """The peak rate of each burst in the busiest hour, per second.

        Computed whenever a burst begins or ends, as a burst with a low factor may end. The peak of
        overlapping bursts is attributed to the last one to begin.
        """
        peaks: dict[int, float] = {}
        for at in {t for burst in self.bursts for t in (burst.at, burst.at + burst.lasts)}:
            active = [number for number, burst in enumerate(self.bursts) if burst.active(at)]
            if active:
                last = max(active, key=lambda number: self.bursts[number].at)
                peak = self.rate * max(self.profile) * prod(self.bursts[n].factor for n in active)
                peaks[last] = max(peak, peaks.get(last, 0.0))
        return peaks


def _too_many(rate: float) -> str:
    return f"up to {rate:,.0f} requests per second, expected at most {MOST_PER_SECOND:,}"
