"""The rubric of a grading: a file's content, or a shipped rubric."""

from collections.abc import Mapping

from simulator.run import Header
from simulator.scenario.rubric import Rubric

# Both equal to their files in scenarios/rubrics (tested), so that grading reads no files.
DEFAULT: Mapping[str, object] = {
    "rubric": 1,
    "name": "default",
    "title": "For people who answer by themselves or with a playbook",
    "weights": {
        "detection": 0.10,
        "acknowledgement": 0.06,
        "diagnosis": 0.20,
        "mitigation": 0.20,
        "recovery": 0.10,
        "escalation": 0.14,
        "safety": 0.08,
        "conformance": 0.04,
        "communication": 0.06,
        "documentation": 0.02,
    },
}
AUTOMATION: Mapping[str, object] = {
    **DEFAULT,
    "name": "automation",
    "title": "For automated responders, as in CI",
    "not_rated": ("acknowledgement", "communication", "documentation"),
    "rated_if_needed": ("escalation",),
}


def rubric_of(
    content: Mapping[str, object] | Rubric | None = None, header: Header | None = None
) -> Rubric:
    """The rubric of a file's content; else the shipped one for the players of a run.

    Examples
    --------
    >>> rubric_of().time.acknowledge.limit
    900000
    """
    if isinstance(content, Rubric):
        return content
    return Rubric.model_validate(shipped_rubric(header) if content is None else content)


def shipped_rubric(header: Header | None = None) -> Mapping[str, object]:
    """The content of the shipped rubric for the players of a run."""
    return AUTOMATION if header is not None and _automated(header) else DEFAULT


def _automated(header: Header) -> bool:
    """Whether every graded player is an automation."""
    graded = [p for p in header.players if p.graded and p.role == "responder"]
    return bool(graded) and all(player.kind == "automation" for player in graded)
