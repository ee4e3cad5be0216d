"""A measurement: the value of a measure, or the reason why there is none."""

from typing import Literal, Self

import msgspec

# Why a measure has no value: it did not happen by the end (`censored_at`); a twin is missing; the
# run was cut off; or there was nothing to measure.
Reason = Literal["", "censored", "no_twins", "cut_off", "nothing_to_measure"]


class Measurement(msgspec.Struct, frozen=True):
    """The value of a measure, or None with the reason why there is none.

    Attributes
    ----------
    value : float or None
        None where there is none; `reason` says why.
    unit : str
        A noun in the plural, or `ratio`.
    parts : dict of str to float
        What the value is made of.
    why : str
        How the value came about, or why there is none, in words.
    reason : str
        Why there is none, for programs; empty with a value.
    events : tuple of int
        The lines of log.jsonl that it rests on.
    censored_at : float or None
        In the unit of the value: it did not happen until then.
    par : float or None
        The value of the reference, on the same seed.

    Examples
    --------
    >>> measured = Measurement(95.0, why="from 00:47 to 00:49", events=(12, 31))
    >>> msgspec.to_builtins(measured)["value"], measured.reason
    (95.0, '')
    >>> Measurement.missing("there was no fault").reason
    'nothing_to_measure'
    """

    value: float | None
    unit: str = "seconds"
    parts: dict[str, float | None] = {}
    why: str = ""
    reason: Reason = ""
    events: tuple[int, ...] = ()
    censored_at: float | None = None
    par: float | None = None

    @classmethod
    def missing(
        cls, why: str, reason: Reason = "nothing_to_measure", unit: str = "seconds"
    ) -> Self:
        """A measure without a value."""
        return cls(None, unit, why=why, reason=reason)
