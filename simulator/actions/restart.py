"""Pods are replaced by fresh ones."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from simulator.actions import Acting, Action, Failed, Site
from simulator.pipeline.world import ABSENT
from simulator.registry import Refers, part
from simulator.units import Count


@part
class Restart(Action):
    """Restart the pods of the model server, one after the other.

    What leaked is given back; a pod is cold for its start-up time and serves nobody then.
    """

    pods: Annotated[tuple[Count, ...], Refers("pod")] = ()
    """Their numbers; without any, all of them."""

    def act(self, site: Site) -> Acting:
        yield 15_000
        there = np.flatnonzero(site.world.replicas.phase != ABSENT).tolist()
        if gone := [pod for pod in self.pods if pod not in there]:
            known = ", ".join(map(str, there)) or "none"
            raise Failed(f"there is no pod {gone[0]}; there are {known}")
        chosen = sorted(set(self.pods)) or there
        site.world.cluster.restart_pending[chosen] = True
        return f"rolling restart of {len(chosen)} pods"
