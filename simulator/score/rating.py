"""Ratings of capabilities, as exercise evaluation gives them (HSEEP): P, S, M, U."""

from typing import Literal

from simulator.scenario.rubric import RatingBounds
from simulator.score.capability_score import CapabilityScore

Rating = Literal["P", "S", "M", "U"]
WORDS: dict[str, str] = {
    "P": "performed without challenges",
    "S": "performed with some challenges",
    "M": "performed with major challenges",
    "U": "unable to be performed",
}


def rate(score: CapabilityScore, bounds: RatingBounds) -> Rating | None:
    """The rating of a capability by rule; None if there was no chance to show it.

    Examples
    --------
    >>> bounds = RatingBounds()
    >>> scores = [CapabilityScore(1.0), CapabilityScore(0.5), CapabilityScore(1.0, major=("lied",)),
    ...           CapabilityScore(0.1), CapabilityScore(0.1, marked=True), CapabilityScore(None)]
    >>> [rate(score, bounds) for score in scores]
    ['P', 'S', 'M', 'U', 'S', None]
    """
    if score.value is None:
        return None
    came = score.value >= bounds.unable if score.marked is None else score.marked
    if score.lost or not came:
        return "U"
    if score.major:
        return "M"
    return "P" if score.value >= bounds.performed else "S"
