"""The machines of the model server as written become laws."""

from __future__ import annotations

from simulator.pipeline.cluster.laws import QuotaLaw
from simulator.pipeline.cluster.quota import MEMORY, PODS
from simulator.scenario import Pipeline


def quota_law(pipeline: Pipeline) -> QuotaLaw | None:
    """What the namespace may have, None for all there is."""
    written = pipeline.cluster.quota
    if written is None:
        return None
    hard = {PODS: written.pods, MEMORY: written.memory}
    return QuotaLaw({name: float(most) for name, most in hard.items() if most is not None})
