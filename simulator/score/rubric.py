"""What a drill's measures are worth: time limits and weights, as a rubric file states them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.units import parse_ms

MINUTE = 60_000


@dataclass(frozen=True)
class Limits:
    """Full marks up to `good`, none from `limit` on; ms."""

    good: int
    limit: int


def _weights() -> dict[str, float]:
    return {
        "detection": 0.2,
        "acknowledgement": 0.1,
        "diagnosis": 0.15,
        "mitigation": 0.3,
        "recovery": 0.15,
        "escalation": 0.1,
    }


@dataclass(frozen=True)
class Rubric:
    """How a run is graded; without a file, as scenarios/rubrics/default.yaml.

    Attributes
    ----------
    acknowledge : Limits
    weights : mapping of str to float
        Of each capability in the index.

    Examples
    --------
    >>> Rubric.of({"name": "strict", "time": {"acknowledge": {"good": "30s"}}}).acknowledge
    Limits(good=30000, limit=900000)
    """

    name: str = "default"
    acknowledge: Limits = Limits(MINUTE, 15 * MINUTE)
    weights: Mapping[str, float] = field(default_factory=_weights)

    @classmethod
    def of(cls, stated: Mapping[str, Any] | Rubric | None) -> Rubric:
        """The rubric of a file's content; durations as people write them, or ms."""
        if isinstance(stated, Rubric):
            return stated
        stated = stated or {}
        answered = (stated.get("time") or {}).get("acknowledge") or {}
        default = cls()
        limits = Limits(
            _ms(answered.get("good", default.acknowledge.good)),
            _ms(answered.get("limit", default.acknowledge.limit)),
        )
        weights = stated.get("weights") or default.weights
        return cls(str(stated.get("name", "default")), limits, dict(weights))


def _ms(value: Any) -> int:
    return value if isinstance(value, int) else parse_ms(value)
