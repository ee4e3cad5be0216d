"""A rolling restart of the model server."""

from typing import Annotated

import numpy as np

from simulator.actions import Action, ActionFailed, ActionSteps, Refers, Site, part
from simulator.pipeline.world import ABSENT
from simulator.units import Count


@part
class Restart(Action):
    """Restart the pods of the model server, one after the other.

    Leaked memory is freed. A pod serves no request during its start-up time.
    """

    effect = "world"
    fixed_target = "serving"
    # A new pod is as the old one was; its state is in other systems.
    reversible = True

    pods: Annotated[tuple[Count, ...], Refers("pod")] = ()
    """The numbers of the pods; by default all pods."""

    def act(self, site: Site) -> ActionSteps:
        yield 15_000
        running = np.flatnonzero(site.world.replicas.phase != ABSENT).tolist()
        if missing := [pod for pod in self.pods if pod not in running]:
            running_pods = ", ".join(map(str, running)) or "none"
            raise ActionFailed(f"there is no pod {missing[0]}; there are {running_pods}")
        pods = sorted(set(self.pods)) or running
        site.world.cluster.restart_pending[pods] = True
        return f"rolling restart of {len(pods)} pods"
