"""An evaluator's observation of a run, as it stands in scores.json."""

import msgspec

from simulator.scenario.observations import Observations
from simulator.score.rating import Rating


class EvaluatorNote(msgspec.Struct, frozen=True):
    """What a person saw in a run; a rating stands beside the machine's and changes nothing.

    Attributes
    ----------
    by : str
        The person.
    text : str
        What the person saw: the reason of the rating.
    rating : str or None
        P, S, M or U.
    capability : str or None
        The capability that it rates.
    task, objective : str or None
        The task, or the objective of the exercise, that it is about.
    t_seconds : float or None
        When it was, since the start of the drill.
    """

    by: str
    text: str
    rating: Rating | None = None
    capability: str | None = None
    task: str | None = None
    objective: str | None = None
    t_seconds: float | None = None


def evaluator_notes(observations: Observations | None) -> tuple[EvaluatorNote, ...]:
    """The notes of a file of observations, in its order.

    Examples
    --------
    >>> items = [{"text": "asked before acting", "capability": "safety", "rating": "P"}]
    >>> content = {"observations": 1, "by": "Kim", "items": items}
    >>> evaluator_notes(Observations.model_validate(content))[0].by
    'Kim'
    """
    if observations is None:
        return ()
    return tuple(
        EvaluatorNote(
            by=item.by or observations.by or "",
            text=item.text,
            rating=item.rating,
            capability=item.capability,
            task=item.task,
            objective=item.objective,
            t_seconds=None if item.time is None else item.time / 1000,
        )
        for item in observations.items
    )
