"""The quota of a namespace: pods beyond it are not made, whatever room the nodes have.

The quota is shared. What others hold of it is admitted first come, first served: never more
than ours leave free, and a pod of ours that goes gives its share away only if they want it.

References
----------
https://kubernetes.io/docs/concepts/policy/resource-quotas/
"""

from __future__ import annotations

import numpy as np

from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import ABSENT, World
from simulator.units import format_bytes

# What the quota is called, by its owner and in events.
QUOTA = "quota"
PODS, MEMORY = "pods", "requests.memory"


def step(world: World, params: Params, sample: Sample) -> None:
    """Admit what others ask for at the beginning of the tick, as far as there is room."""
    law, others = params.quota, world.cluster.quota_used_by_others
    if law is None:
        return
    ours = own(world, params)
    for resource, most in law.hard.items():
        left = max(0.0, most - ours[resource])
        held = 0.0
        for holder in params.bends.taken_quota:
            taken = min(left - held, float(round(holder.share * most)))
            held += taken
            sample.hit(holder.fault, int(np.ceil(taken)))
        others[resource] = held


def own(world: World, params: Params) -> dict[str, float]:
    """What our pods have of each resource; those that wait for a node count too."""
    pods = int(np.count_nonzero(world.replicas.phase != ABSENT))
    return {PODS: float(pods), MEMORY: pods * params.memory_request}


def refusal(world: World, params: Params) -> str:
    """Why one more pod is not made; empty if it is."""
    law = params.quota
    if law is None:
        return ""
    wanted = {PODS: 1.0, MEMORY: params.memory_request}
    ours, others = own(world, params), world.cluster.quota_used_by_others
    for resource, most in law.hard.items():
        used = ours[resource] + others.get(resource, 0.0)
        if used + wanted[resource] > most:
            amounts = [_say(resource, n) for n in (wanted[resource], used, most)]
            asked, had, limit = (f"{resource}={amount}" for amount in amounts)
            return f"exceeded quota: {QUOTA}, requested: {asked}, used: {had}, limited: {limit}"
    return ""


def _say(resource: str, amount: float) -> str:
    # Kubernetes writes Gi where we write GiB.
    return f"{amount:.0f}" if resource == PODS else format_bytes(round(amount)).removesuffix("B")
