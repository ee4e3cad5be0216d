"""The rubric that a run is graded by: a file's content, or the shipped one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.scenario.rubric import Rubric

# scenarios/rubrics/default.yaml, which a test holds equal: grading needs no library of files.
DEFAULT: Mapping[str, Any] = {
    "rubric": 1,
    "name": "default",
    "time": {"acknowledge": {"good": "1m", "limit": "15m"}},
    "weights": {
        "detection": 0.2,
        "acknowledgement": 0.1,
        "diagnosis": 0.15,
        "mitigation": 0.3,
        "recovery": 0.15,
        "escalation": 0.1,
    },
}


def rubric_of(stated: Mapping[str, Any] | Rubric | None = None) -> Rubric:
    """The rubric of a file's content.

    Examples
    --------
    >>> rubric_of().time.acknowledge.limit
    900000
    """
    return stated if isinstance(stated, Rubric) else Rubric.model_validate(stated or DEFAULT)
