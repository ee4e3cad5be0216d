"""Settings of the model that an order can change: the decision threshold, hyperparameters."""

import math
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tuning:
    """What is in force, where an order changed it.

    Attributes
    ----------
    threshold : float
        A prediction is positive if its probability is above it.
    hyperparameters : dict
        Those that differ from what the pipeline declares; the next training uses them.
    """

    threshold: float = 0.5
    hyperparameters: dict[str, Any] = field(default_factory=dict)

    @property
    def cutoff(self) -> float:
        """The threshold as log odds.

        Examples
        --------
        >>> Tuning().cutoff, round(Tuning(0.9).cutoff, 3)
        (0.0, 2.197)
        """
        return math.log(self.threshold / (1.0 - self.threshold))
