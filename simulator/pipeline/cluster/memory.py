"""Memory of the replicas: use, leaks, and kills at the limit.

A process holds its base, its leaked bytes, its cache, and some bytes for every request in service.
At the moment at which it passes the limit the kernel kills it, and its requests in service fail.
The container restarts at once the first time, and after a back-off that doubles with every further
crash.
"""

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.cluster import nodes
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.serving import feature_cache, server
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
    """Whether any replica could pass its limit within `dt` ms, with all its slots busy.

    An upper bound for every tick, which examines no request: True may be a false alarm.
    """
    leaks = params.bends.memory_leaks
    if any(leak.per_request for leak in leaks):
        return True
    pods, requests = world.replicas, params.concurrency
    if params.per_replica is not None:
        requests *= max(params.per_replica.batch_max, default=params.per_replica.batching.max_size)
    held = params.memory_base + max(pods.leaked.tolist()) + params.memory_per_request * requests
    held += params.feature_cache.memory if params.feature_cache is not None else 0.0
    # Resident memory may be more: removed slots may be in use still.
    held = max(held, *pods.resident.tolist()) + sum(leak.per_second for leak in leaks) * (dt / 1000)
    return bool(held > min(pods.limits.memory.tolist()))


def next_memory_kill(
    world: World, params: Params, occupancy: Occupancy, kept: Floats, span: tuple[int, int]
) -> tuple[int, list[int]]:
    """The end of the millisecond in which a replica first passes its limit, and those that do.

    The end of the segment, `span` in ms, and none if no replica does. `occupancy` is that of all
    requests in the segment, `kept` the bytes of each replica at its begin beside its base and its
    requests.
    """
    t, end = span
    times = {}
    rates, leaks = np.zeros((2, params.slots))
    for leak in params.bends.memory_leaks:
        rates[leak.pods] += leak.per_second / 1000
        leaks[leak.pods] += leak.per_request
    for slot in np.flatnonzero(world.replicas.phase == READY).tolist():
        if nodes.dead(world, slot):
            continue  # without a process nothing is held
        here = occupancy.slot == slot
        start, leave = occupancy.start[here], occupancy.leave[here]
        leave = leave[leave < end]
        # All starts and departures; at one moment departures come first.
        at = np.concatenate(((t,), leave, start))
        change = np.repeat((0, -1, 1), (1, len(leave), len(start)))
        order = np.lexsort((change, at))
        at, change = at[order], change[order]
        rate = rates[slot]
        held = params.memory_base + kept[slot] + rate * (at - t)
        held += params.memory_per_request * change.cumsum()
        held += leaks[slot] * (change < 0).cumsum()
        limit = world.replicas.limits.memory[slot]
        room = np.maximum(limit - held, 0.0)
        wait = room / rate if rate else np.where(held > limit, 0.0, np.inf)
        passing = np.flatnonzero(at + wait < np.append(at[1:], end))
        if len(passing):
            times[slot] = min(int((at + wait)[passing[0]]) + 1, end)
    first = min(times.values(), default=end)
    return first, [slot for slot, at in times.items() if at == first]


def step(world: World, params: Params, served: server.Served, sample: Sample) -> None:
    """Leak, and compute the memory of every replica at the end of the segment.

    Comes after `server.serve`. A fault is hit by every replica that leaks by it.
    """
    pods = world.replicas
    ready, starting = pods.phase == READY, pods.phase == STARTING
    if world.cluster.down:
        dead = nodes.dead_pods(world)
        ready[dead] = starting[dead] = False
    for leak in params.bends.memory_leaks:
        leaked = leak.per_second * (sample.dt / 1000) + leak.per_request * served.departed
        leaked = np.where(ready & leak.pods, leaked, 0.0)
        pods.leaked = pods.leaked + leaked
        sample.hit(leak.fault, np.count_nonzero(leaked))
    held = params.memory_base + pods.leaked
    held += feature_cache.memory_held(params.feature_cache, pods.warmth)
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
    sample.count("killed")
    pod = f"{params.pods}-{slot}"
    text = f"{OOM_KILLED}  Restart Count: {pods.restarts[slot]}"
    sample.notes.append((pod, "ERROR", text))
    if wait:
        text = f"Warning  BackOff  Back-off restarting failed container {CONTAINER} in pod {pod}"
        sample.notes.append((pod, "WARNING", text))
    else:
        pods.phase[slot], pods.until[slot] = STARTING, t + params.start_up_ms
        pods.resident[slot] = params.memory_base
