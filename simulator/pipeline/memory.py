"""Memory: what each replica holds, what it leaks, and what happens at the limit.

A process holds its base, what has leaked, and so much for every request in service. Over
the limit the kernel kills it: what it had in service is lost, and the container starts
again after a back-off that doubles with every crash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.pipeline import nodes, serving
from simulator.pipeline.world import BACKOFF, READY, STARTING

if TYPE_CHECKING:
    from simulator.pipeline.world import Params, Sample, World

# CrashLoopBackOff of the kubelet: 10 s, doubling to 300 s, forgotten after 10 min without
# a crash. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
FIRST_BACKOFF_MS = 10_000
LONGEST_BACKOFF_MS = 300_000
FORGOTTEN_MS = 600_000

CONTAINER = "kserve-container"  # the model server's, in every pod
OOM_KILLED = "Last State: Terminated  Reason: OOMKilled  Exit Code: 137"


def step(world: World, params: Params, served: serving.Served, sample: Sample) -> None:
    """Leak, weigh every replica at the end of the tick, and kill those over the limit.

    Parameters
    ----------
    world : World
        After `serving.serve`: the requests in service are those at the end of the tick.
    params : Params
    served : Served
        What left in this tick, for leaks that come with requests.
    sample : Sample
        Gets `units["killed"]` and notes; a fault is hit by every replica that leaks by it.
    """
    pods = world.replicas
    ready, starting = pods.phase == READY, pods.phase == STARTING
    if world.cluster.down:  # there is no process
        ready[nodes.gone(world)] = starting[nodes.gone(world)] = False
    for fault, bad, per_second, per_request in params.memory_leaks:
        leaked = per_second * (sample.dt / 1000) + per_request * served.handled
        leaked = np.where(ready & bad, leaked, 0.0)
        pods.leaked += leaked
        sample.hit(fault, np.count_nonzero(leaked))
    held = params.memory_base + pods.leaked
    if len(world.queue.slot):
        held += params.memory_per_request * serving.in_service(world.queue, params.slots)
    pods.resident = held * (ready | starting)
    if max(pods.resident.tolist()) > params.memory_limit:  # a list is twice as fast here
        for slot in np.flatnonzero(ready & (held > params.memory_limit)).tolist():
            kill(world, params, slot, sample.t + sample.dt, sample)


def kill(world: World, params: Params, slot: int, t: int, sample: Sample) -> None:
    """The kernel kills the process of a replica at `t` for its memory."""
    pods = world.replicas
    serving.fail(world.queue, params, slot, t, sample)
    if t - pods.ready_at[slot] >= FORGOTTEN_MS:
        pods.backoff[slot] = FIRST_BACKOFF_MS
    pods.phase[slot] = BACKOFF
    pods.until[slot] = t + pods.backoff[slot]
    pods.backoff[slot] = min(2 * pods.backoff[slot], LONGEST_BACKOFF_MS)
    pods.restarts[slot] += 1
    pods.kills[slot] += 1
    pods.free(slot)
    sample.units["killed"] = sample.units.get("killed", 0) + 1
    restarts = pods.restarts[slot]
    pod = f"{params.pods}-{slot}"
    sample.notes.append((pod, "ERROR", f"{OOM_KILLED}  Restart Count: {restarts}"))
    if restarts > 1:
        text = f"Warning  BackOff  Back-off restarting failed container {CONTAINER} in pod {pod}"
        sample.notes.append((pod, "WARNING", text))
