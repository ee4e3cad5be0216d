"""The quota of a namespace: pods beyond it are not created, whatever room the nodes have.

Other teams share the quota, first come, first served: they never get more than our pods leave
free, and they take the share of a pod of ours that goes if they ask for it.

References
----------
https://kubernetes.io/docs/concepts/policy/resource-quotas/
"""

import numpy as np

from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import ABSENT, World
from simulator.units import format_bytes

# The name of the quota, for its owner and in events.
QUOTA = "quota"
PODS, MEMORY = "pods", "requests.memory"


def step(world: World, params: Params, sample: Sample) -> None:
    """Admit the requests of others at the beginning of the tick, as far as the quota allows."""
    law, others = params.quota, world.cluster.quota_used_by_others
    if law is None:
        return
    ours = own_use(world)
    for resource, most in law.hard.items():
        free = max(0.0, most - ours[resource])
        held = 0.0
        for holder in params.bends.taken_quota:
            taken = min(free - held, float(round(holder.share * most)))
            held += taken
            sample.hit(holder.fault, int(np.ceil(taken)))
        others[resource] = held


def own_use(world: World) -> dict[str, float]:
    """Our use of each resource; pods that wait for a node count too."""
    pods = world.replicas
    present = pods.phase != ABSENT
    memory = float(pods.limits.request[present].sum())
    return {PODS: float(np.count_nonzero(present)), MEMORY: memory}


def refusal(world: World, params: Params) -> str:
    """Why the quota refuses one more pod; empty if it does not."""
    law = params.quota
    if law is None:
        return ""
    requested = {PODS: 1.0, MEMORY: world.cluster.limits.request}
    ours, others = own_use(world), world.cluster.quota_used_by_others
    for resource, most in law.hard.items():
        used = ours[resource] + others.get(resource, 0.0)
        if used + requested[resource] > most:
            amounts = {"requested": requested[resource], "used": used, "limited": most}
            texts = [f"{name}: {_format(resource, amount)}" for name, amount in amounts.items()]
            return ", ".join([f"exceeded quota: {QUOTA}", *texts])
    return ""


def _format(resource: str, amount: float) -> str:
    # Kubernetes writes Gi for GiB.
    bytes_text = format_bytes(round(amount)).removesuffix("B")
    return f"{resource}={amount:.0f}" if resource == PODS else f"{resource}={bytes_text}"
