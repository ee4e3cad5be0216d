"""Times of a drill on the command line: `--at 1:10`, `--range 0:30-1:30 --step 15s`."""

import re
from typing import NamedTuple

import click
import numpy as np

from simulator.cli.query_tables import clock
from simulator.telemetry.store import Ints
from simulator.units import UnitError, parse_ms

TIME = re.compile(r"(?:T?\+)?(-?)(?:(\d{1,4}):([0-5]\d)(?::([0-5]\d))?|(\d.*))")
STEPS = [60_000 * minutes for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)]
POINTS_MAX = 1_500  # of a range whose step nobody set: six hours of scrapes
ROWS_MAX = 31  # of its table: they fit on a page


class Moments(NamedTuple):
    """The times of a query, ms; an instant query has no step."""

    start: int
    end: int
    step: int = 0
    row_step: int = 0

    @property
    def grid(self) -> Ints:
        """The times of a range query; empty for an instant query."""
        return np.arange(self.start, self.end + 1, self.step) if self.step else np.zeros(0, int)


def parse_moments(
    at: str | None, span: str | None, step: str | None, end: int, scrape: int
) -> Moments:
    """The times of a query.

    Parameters
    ----------
    at : str or None
        The time of an instant query; None for the end of the drill.
    span : str or None
        The range of a range query.
    end, scrape : int, ms
        Of the drill: its end, and its scrape interval.

    Raises
    ------
    click.BadParameter

    Examples
    --------
    >>> parse_moments("1:10", None, None, 5_400_000, 15_000)
    Moments(start=4200000, end=4200000, step=0, row_step=0)
    >>> parse_moments(None, "30m-1:30", None, 5_400_000, 15_000)
    Moments(start=1800000, end=5400000, step=15000, row_step=120000)
    """
    if span is None:
        t = end if at is None else _parse_time("--at", at, end)
        return Moments(t, t)
    match = re.fullmatch(r"(.[^-–]*)[-–](.+)", span)
    if match is None:
        raise click.BadParameter(
            f"{span!r} is not TIME-TIME; write for example 0:30-1:30", param_hint="--range"
        )
    start, last = (_parse_time("--range", text.strip(), end) for text in match.groups())
    if last <= start:
        raise click.BadParameter(f"{span!r} ends before it begins", param_hint="--range")
    if step is not None:
        step_ms = _parse_step(step)
        return Moments(start, last, step_ms, step_ms)
    fine = scrape * max(1, -(-(last - start) // (scrape * POINTS_MAX)))
    least = -(-(last - start) // (ROWS_MAX - 1))  # between the rows of the table
    round_steps = (multiple for multiple in STEPS if multiple % fine == 0 and multiple >= least)
    return Moments(start, last, fine, next(round_steps, fine * -(-least // fine)))


def _parse_time(option: str, text: str, end: int) -> int:
    """A time of the drill, ms."""
    match = TIME.fullmatch(text)
    if match is None:
        raise _bad_time(option, text)
    minus, hours, minutes, seconds, duration = match.groups()
    try:
        if duration:
            t = 0 if duration == "0" else parse_ms(duration)
        else:
            t = 1000 * (3600 * int(hours) + 60 * int(minutes) + int(seconds or 0))
    except UnitError:
        raise _bad_time(option, text) from None
    if t > end and not minus:
        raise click.BadParameter(f"{text}: the drill ended at {clock(end)}", param_hint=option)
    return -t if minus else t


def _bad_time(option: str, text: str) -> click.BadParameter:
    example = "write H:MM, H:MM:SS or a duration: 1:10, 1:10:30, 70m or 1h10m"
    return click.BadParameter(f"{text!r} is not a time of the drill; {example}", param_hint=option)


def _parse_step(text: str) -> int:
    try:
        step = parse_ms(text)
    except UnitError as error:
        raise click.BadParameter(str(error), param_hint="--step") from None
    if step <= 0:
        raise click.BadParameter("it must be above 0", param_hint="--step")
    return step
