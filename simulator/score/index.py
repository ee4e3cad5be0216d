"""The index: one number from 0 to 100, the weighted mean of the capabilities."""

from collections.abc import Mapping

from simulator.score.capability_score import CapabilityScore


def index(scores: Mapping[str, CapabilityScore], weights: Mapping[str, float]) -> float | None:
    """The weighted mean of the capabilities that are not N/A, in percent; None if all are.

    Examples
    --------
    >>> scores = {"detection": CapabilityScore(0.5), "diagnosis": CapabilityScore(None)}
    >>> index(scores, {"detection": 0.25, "diagnosis": 0.75})
    50.0
    """
    rated = {name: score.value for name, score in scores.items() if score.value is not None}
    total = sum(weights.get(name, 0.0) for name in rated)
    if not total:
        return None
    return 100 * sum(weights.get(name, 0.0) * value for name, value in rated.items()) / total
