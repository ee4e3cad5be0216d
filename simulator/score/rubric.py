"""The rubric of a grading: a file's content, or the shipped rubric."""

from collections.abc import Mapping

from simulator.scenario.rubric import Rubric

# Equal to scenarios/rubrics/default.yaml (tested), so that grading reads no files.
DEFAULT: Mapping[str, object] = {
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


def rubric_of(content: Mapping[str, object] | Rubric | None = None) -> Rubric:
    """The rubric of a file's content.

    Examples
    --------
    >>> rubric_of().time.acknowledge.limit
    900000
    """
    return content if isinstance(content, Rubric) else Rubric.model_validate(content or DEFAULT)
