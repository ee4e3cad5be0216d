"""The format of a law of time: how long people and channels take."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from simulator.scenario.base import Frozen, require_one
from simulator.units import Duration, Number

# A tenth takes twice the median or longer: Normal's 90th percentile is 1.2816, ln 2 / 1.2816.
SPREAD = 0.54


class TimeLaw(Frozen):
    """A law of time: log-normal by its median, exponential by its mean, or fixed.

    A plain duration is the median.

    Examples
    --------
    >>> TimeLaw.model_validate({"mean": "4m", "law": "exponential"}).mean
    240000
    """

    median: Duration | None = None
    """The median of a log-normal law."""
    spread: Annotated[Number, Field(ge=0, le=5)] = SPREAD
    """The standard deviation of its logarithm; with .54 a tenth takes twice the median or more."""
    mean: Duration | None = None
    """The mean of an exponential law."""
    law: Literal["log-normal", "exponential"] | None = None
    """The law, as a check; it follows from `median` or `mean`."""
    fixed: Duration | None = None
    """A fixed time."""

    @model_validator(mode="after")
    def _one_law(self) -> Self:
        require_one(self, ("median", "mean", "fixed"))
        key = next(key for key in ("median", "mean", "fixed") if getattr(self, key) is not None)
        if self.law is not None and self.law != _LAWS[key]:
            other = "mean" if self.law == "exponential" else "median"
            raise ValueError(f"a law that is {self.law} has a {other}; given {key}")
        if "spread" in self.model_fields_set and key != "median":
            raise ValueError(f"a law with a spread has a median; given {key}")
        return self

    def sample_ms(self, normal: float) -> int:
        """A time, ms, from a draw of the standard normal law.

        Examples
        --------
        >>> law_of("1m").sample_ms(0.0), law_of("1m").sample_ms(1.2816)
        (60000, 119870)
        >>> TimeLaw.model_validate({"mean": "1s"}).sample_ms(0.0)  # mean x ln 2
        693
        """
        if self.fixed is not None:
            return self.fixed
        if self.median is not None:
            return round(self.median * math.exp(self.spread * normal))
        assert self.mean is not None
        # The upper tail of the normal law is uniform: one draw serves every law.
        return round(-self.mean * math.log(0.5 * math.erfc(normal / math.sqrt(2.0))))


def _from_text(value: Any) -> Any:
    return {"median": value} if isinstance(value, str | int) else value


_LAWS = {"median": "log-normal", "mean": "exponential", "fixed": None}
# Editors accept a plain duration, too.
Law = Annotated[TimeLaw, BeforeValidator(_from_text, json_schema_input_type=Duration | TimeLaw)]


def law_of(median: str) -> TimeLaw:
    """The log-normal law of a median: `law_of("5m")`."""
    return TimeLaw.model_validate({"median": median})
