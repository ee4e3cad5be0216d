"""Checkpoint writes, which fail on a full store and by faults."""

import numpy as np

from simulator.pipeline.laws import Params
from simulator.pipeline.long_training.training_runs import TrainingLaw
from simulator.pipeline.sample import Sample
from simulator.streams import uniforms


def write_succeeds(
    law: TrainingLaw, number: int, params: Params, seed: int, sample: Sample
) -> bool:
    """Whether the write with this number leaves a checkpoint; if not, notes the error."""
    if law.store in params.bends.no_space:
        sample.notes.append((law.name, "ERROR", params.bends.no_space[law.store]))
        return False
    for failure in params.bends.checkpoint_failures.get(law.name, ()):
        draw = uniforms(np.array([float(number)]), f"checkpoint/{law.name}", seed)
        if draw[0] < failure.share:
            sample.hit(failure.fault, 1)
            text = f"RuntimeError: checkpoint {number} could not be written to {law.store}"
            sample.notes.append((law.name, "ERROR", text))
            return False
    return True
