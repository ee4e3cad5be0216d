"""Memory: what each replica holds, what it leaks, and what happens at the limit.

A process holds its base, what has leaked, and so much for every request in service. At the
moment at which it passes the limit the kernel kills it: what it had in service is lost. The
container starts again at once the first time, and after a back-off that doubles with every
further crash.
"""

from __future__ import annotations

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster import nodes
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import server
from simulator.pipeline.serving.server import Occupancy
from simulator.pipeline.world import BACKOFF, READY, STARTING, World

# The kubelet's back-off: none after a first crash, then 10 s, doubling to 300 s, forgotten
# when a container has run for 10 min.
# https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
FIRST_BACKOFF_MS = 10_000
LONGEST_BACKOFF_MS = 300_000
FORGOTTEN_MS = 600_000


CONTAINER = "kserve-container"  # the model server's, in every pod
OOM_KILLED = "Last State: Terminated  Reason: OOMKilled  Exit Code: 137"


def may_run_out(world: World, params: Params, dt: int) -> bool:
    """Whether any replica could pass its limit within `dt` ms, with all its places taken.

    Asked in every tick, so it looks at no request: true may mean that none does.
    """
    leaks = params.bends.memory_leaks
    if any(leak.per_request for leak in leaks):
        return True
    pods, places = world.replicas, params.concurrency
    if params.per_replica is not None:
        places *= max(params.per_replica.batch_max, default=params.per_replica.batching.max_size)
    held = params.memory_base + max(pods.leaked.tolist()) + params.memory_per_request * places
    # What is resident may be more: places that were taken away may be in use still.
    held = max(held, *pods.resident.tolist()) + sum(leak.per_second for leak in leaks) * (dt / 1000)
    return bool(held > params.memory_limit)


def first_over_limit(
    world: World, params: Params, stays: Occupancy, leaked: Floats, span: tuple[int, int]
) -> tuple[int, list[int]]:
    """When a replica first passes its limit in a stretch, and which then do.

    Parameters
    ----------
    world : World
    params : Params
    stays : Occupancy
        Of all requests that had a place in the stretch.
    leaked : ndarray, shape (slots,), bytes
        At its begin.
    span : (int, int), ms

    Returns
    -------
    (int, list of int)
        The end of that millisecond, and the replicas; the end of the stretch, and none, if
        nothing of the kind happens.
    """
    t, end = span
    found = {}
    rates, leaks = np.zeros((2, params.slots))
    for leak in params.bends.memory_leaks:
        rates[leak.pods] += leak.per_second / 1000
        leaks[leak.pods] += leak.per_request
    for slot in np.flatnonzero(world.replicas.phase == READY).tolist():
        if nodes.dead(world, slot):
            continue  # what hangs there is held by nobody
        mine = stays.slot == slot
        start, leave = stays.start[mine], stays.leave[mine]
        leave = leave[leave < end]
        # From the begin on, whoever comes or goes; of both at one moment, who goes comes first.
        at = np.concatenate(((t,), leave, start))
        change = np.repeat((0, -1, 1), (1, len(leave), len(start)))
        order = np.lexsort((change, at))
        at, change = at[order], change[order]
        rate = rates[slot]
        held = params.memory_base + leaked[slot] + rate * (at - t)
        held += params.memory_per_request * change.cumsum()
        held += leaks[slot] * (change < 0).cumsum()
        room = np.maximum(params.memory_limit - held, 0.0)
        wait = room / rate if rate else np.where(held > params.memory_limit, 0.0, np.inf)
        passing = np.flatnonzero(at + wait < np.append(at[1:], end))
        if len(passing):
            found[slot] = min(int((at + wait)[passing[0]]) + 1, end)
    first = min(found.values(), default=end)
    return first, [slot for slot, at in found.items() if at == first]


def step(world: World, params: Params, served: server.Served, sample: Sample) -> None:
    """Leak, and weigh every replica at the end of the stretch.

    Parameters
    ----------
    world : World
        After `server.serve`: the requests in service are those at the end of the stretch.
    params : Params
    served : Served
        What left in it, for leaks that come with requests.
    sample : Sample
        A fault is hit by every replica that leaks by it.
    """
    pods = world.replicas
    ready, starting = pods.phase == READY, pods.phase == STARTING
    if world.cluster.down:  # there is no process
        ready[nodes.gone(world)] = starting[nodes.gone(world)] = False
    for leak in params.bends.memory_leaks:
        leaked = leak.per_second * (sample.dt / 1000) + leak.per_request * served.departed
        leaked = np.where(ready & leak.pods, leaked, 0.0)
        pods.leaked = pods.leaked + leaked
        sample.hit(leak.fault, np.count_nonzero(leaked))
    held = params.memory_base + pods.leaked
    if len(world.queue.slot):
        held += params.memory_per_request * server.in_service(world.queue, params.slots)
    pods.resident = held * (ready | starting)


def kill(world: World, params: Params, slot: int, t: int, sample: Sample) -> None:
    """The kernel kills the process of a replica at `t` for its memory."""
    pods = world.replicas
    server.fail(world.queue, params, slot, t, sample)
    if t - (pods.ready_at[slot] - params.start_up_ms) > FORGOTTEN_MS:
        pods.backoff[slot] = 0
    wait = int(pods.backoff[slot])
    pods.backoff[slot] = min(max(2 * wait, FIRST_BACKOFF_MS), LONGEST_BACKOFF_MS)
    pods.phase[slot], pods.until[slot] = BACKOFF, t + wait
    pods.restarts[slot] += 1
    pods.kills[slot] += 1
    pods.release_memory(slot)
    sample.units["killed"] = sample.units.get("killed", 0) + 1
    pod = f"{params.pods}-{slot}"
    text = f"{OOM_KILLED}  Restart Count: {pods.restarts[slot]}"
    sample.notes.append((pod, "ERROR", text))
    if wait:
        text = f"Warning  BackOff  Back-off restarting failed container {CONTAINER} in pod {pod}"
        sample.notes.append((pod, "WARNING", text))
    else:
        pods.phase[slot], pods.until[slot] = STARTING, t + params.start_up_ms
        pods.resident[slot] = params.memory_base
