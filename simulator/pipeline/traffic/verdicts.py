"""What the gateway does with each attempt during one tick.

A request is refused, answered or passed on by draws of its own: a Poisson stream that is thinned
at random stays one. Each attempt has a draw of its own, so that a client whose first attempt is
refused may get through with the second; a larger share refuses all that a smaller one does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from simulator.pipeline.arrays import Bools, Floats, Ints
from simulator.pipeline.requests import ATTEMPT, ID, WORK
from simulator.streams import many_uniforms, uniforms

PASSED, REFUSED, TOO_LONG, ANSWERED = range(4)
CLASSLESS = (("", 1.0),)  # the classes of a pipeline without any


@dataclass(frozen=True, eq=False)
class Verdicts:
    """The gateway's decisions of one tick.

    Attributes
    ----------
    classes : sequence of (str, float)
        Names and shares of the classes of requests.
    refused_share : ndarray, shape (classes,)
    longest : float
        Longer requests are refused.
    answers : callable, optional
        For rows of requests, shape (requests, COLUMNS), those that the gateway answers.
    """

    seed: int
    classes: tuple[tuple[str, float], ...]
    refused_share: Floats
    longest: float = float("inf")
    answers: Callable[[Floats], Bools] | None = None

    def of(self, rows: Floats, retries: int) -> NDArray[np.int8]:
        """The verdict on every attempt of these requests, shape (attempts, requests).

        Row n is about attempt n + 1, up to the last that a client may send in this tick.
        """
        ids = rows[:, ID]
        attempts = max(retries, int(rows[:, ATTEMPT].max(initial=0.0))) + 1
        verdicts = np.zeros((attempts, len(rows)), np.int8)
        if self.answers is not None:
            verdicts[:, self.answers(rows)] = ANSWERED
        if self.refused_share.any():
            share = self.refused_share[classes_of(ids, self.classes, self.seed)]
            purposes = [f"shed/{n}" for n in range(1, attempts + 1)]
            verdicts[many_uniforms(ids, purposes, self.seed) < share] = REFUSED
        verdicts[:, rows[:, WORK] > self.longest] = TOO_LONG
        return verdicts

    def count(self, ids: Floats) -> dict[str, int]:
        """The number of these attempts by class."""
        numbers = np.bincount(classes_of(ids, self.classes, self.seed), minlength=1)
        return {name: int(n) for (name, _), n in zip(self.classes, numbers, strict=False) if n}


def classes_of(ids: Floats, classes: tuple[tuple[str, float], ...], seed: int) -> Ints:
    """The class of each request, as an index, shape (requests,).

    Examples
    --------
    >>> classes_of(np.arange(6.0), (("interactive", 0.7), ("batch", 0.3)), 1).tolist()
    [1, 1, 0, 0, 0, 0]
    """
    if len(classes) < 2:
        return np.zeros(len(ids), np.int64)
    edges = list(accumulate(share for _, share in classes))[:-1]
    return np.searchsorted(edges, uniforms(ids, "class", seed), side="right")
