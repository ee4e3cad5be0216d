"""Capabilities: what an exercise evaluation rates, a file each in `capabilities/`."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from simulator.analysis.marks import Incident
from simulator.registry import Part
from simulator.score.capability_score import CapabilityScore
from simulator.score.grading import Grading


class Capability(Part):
    """A capability of a run: its score, 0 to 1, from the measures.

    Class attributes
    ----------------
    measures : tuple of str
        The measures that it rests on.
    """

    measures: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def facts(cls) -> dict[str, str]:
        return {"measures": ", ".join(cls.measures)} if cls.measures else {}

    def score(self, grading: Grading) -> CapabilityScore:
        """Score a run."""
        raise NotImplementedError


class IncidentCapability(Capability):
    """A capability that every incident shows: the run's score is the mean of theirs."""

    def score(self, grading: Grading) -> CapabilityScore:
        """The mean of the incidents that gave a chance to show it."""
        incidents = grading.timeline.incidents
        if not incidents:
            return self.score_without_incident(grading)
        scores = {i.id: grading.scored_incident(self.kind, i) for i in incidents}
        return mean_score(scores)

    def score_incident(self, grading: Grading, incident: Incident) -> CapabilityScore:
        """Score one incident."""
        raise NotImplementedError

    def score_without_incident(self, grading: Grading) -> CapabilityScore:
        """Score a run without any incident."""
        return CapabilityScore.not_shown("there was no fault")


def mean_score(scores: dict[str, CapabilityScore]) -> CapabilityScore:
    """The mean of several incidents' scores; what caps one of them caps the run.

    Examples
    --------
    >>> mean_score({"a": CapabilityScore(1.0, "soon"), "b": CapabilityScore(0.5, "late")})
    CapabilityScore(value=0.75, why='a: soon; b: late', marked=None, major=(), lost=())
    """
    if len(scores) == 1:
        return next(iter(scores.values()))
    why = "; ".join(f"{name}: {score.why}" for name, score in scores.items() if score.why)
    rated = [score for score in scores.values() if score.value is not None]
    if not rated:
        return CapabilityScore.not_shown(why)
    marks = [score.marked for score in rated if score.marked is not None]
    return CapabilityScore(
        sum(score.value or 0.0 for score in rated) / len(rated),
        why,
        marked=all(marks) if marks else None,
        major=_together(score.major for score in rated),
        lost=_together(score.lost for score in rated),
    )


def _together(sequences: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for sequence in sequences for text in sequence))
