"""Whether a checkpoint can be written: where there is room for it, and nothing spoils it."""

from __future__ import annotations

import numpy as np

from simulator.pipeline.laws import Params
from simulator.pipeline.long_training.training_runs import TrainingLaw
from simulator.pipeline.sample import Sample
from simulator.streams import uniforms


def written(law: TrainingLaw, number: int, params: Params, seed: int, sample: Sample) -> bool:
    """Whether a write, which has had its time, has left a checkpoint.

    Parameters
    ----------
    law : TrainingLaw
        Of the run.
    number : int
        Of the write.
    params : Params
    seed : int
        Of the run's dice.
    sample : Sample
        Gets the error, and the fault that bit.
    """
    if law.store in params.bends.no_space:
        sample.notes.append((law.name, "ERROR", params.bends.no_space[law.store]))
        return False
    for failure in params.bends.checkpoint_failures.get(law.name, ()):
        luck = uniforms(np.array([float(number)]), f"checkpoint/{law.name}", seed)
        if luck[0] < failure.share:
            sample.hit(failure.fault, 1)
            text = f"RuntimeError: checkpoint {number} could not be written to {law.store}"
            sample.notes.append((law.name, "ERROR", text))
            return False
    return True
