"""The autoscaler: as many pods as keep the use of their slots near a target.

It behaves as Kubernetes' HorizontalPodAutoscaler does by default. Every sync period it
compares the average use of the ready pods with the target and asks for as many pods as
would bring it there, unless the two are within a tolerance. Pods that are not ready count
as idle when it would add some, so that it does not add more while the first still start.
It adds at most four pods or as many as there were, whichever is more, in 15 s. It takes away
only what nothing in the stabilisation window asked for; of the time before its first look it
knows how many there are.

A number that somebody orders by hand holds until the next sync.

References
----------
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
"""

from __future__ import annotations

import math

import numpy as np

from simulator.pipeline.cluster.laws import AutoscalerLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import READY, World

# Kubernetes' default policies for growing: the larger of the two, in any 15 s.
PODS_AT_ONCE = 4
TIMES_AT_ONCE = 2
GROWTH_MS = 15_000


def wanted(law: AutoscalerLaw, now: int, use: float, ready: int) -> int:
    """How many pods the use of the ready ones asks for.

    Parameters
    ----------
    law : Autoscaler
    now : int
        Pods asked for at present.
    use : float
        Average use of the slots of the ready pods.
    ready : int
        How many are ready.

    Examples
    --------
    >>> law = AutoscalerLaw(least=1, most=20, target=0.5)
    >>> wanted(law, 4, 0.9, 4), wanted(law, 4, 0.54, 4), wanted(law, 4, 0.1, 4)
    (8, 4, 1)
    >>> wanted(law, 8, 0.9, 4)  # the other four are still starting
    8
    """
    if not ready:
        return now  # nothing is measured
    ratio, pods = use / law.target, ready
    if ratio > 1 and now > ready:
        ratio, pods = ratio * ready / now, now
        if ratio < 1:
            return now  # those on their way will do
    if abs(ratio - 1) <= law.tolerance:
        return now
    # A hair above a whole number is rounding, not a need.
    return math.ceil(ratio * pods - 1e-9)


def step(world: World, params: Params, sample: Sample) -> None:
    """Look at the tick, and at a sync ask for the pods that are needed.

    Comes after serving: what it asks for is begun with the next tick.
    """
    law, facts = params.autoscaler, world.cluster.autoscaler
    if law is None:
        return
    ready = world.replicas.phase == READY
    facts.used_ms += float(sample.busy_ms.sum())
    facts.ready_ms += int(np.count_nonzero(ready)) * params.concurrency * sample.dt
    end = sample.t + sample.dt
    if sample.t // law.sync_ms == end // law.sync_ms:
        return
    use = facts.used_ms / facts.ready_ms if facts.ready_ms else 0.0
    facts.used_ms = facts.ready_ms = 0.0
    now = world.cluster.desired_replicas
    if now == 0:
        return  # somebody has switched it off
    found = wanted(law, now, use, int(np.count_nonzero(ready)))
    asked = facts.recommendations or [(end, now)]
    facts.recommendations = [(t, n) for t, n in asked if t > end - law.stabilisation_ms]
    facts.recommendations.append((end, found))
    if found < now:
        found = min(now, max(n for _, n in facts.recommendations))
    facts.rescales = [(t, by) for t, by in facts.rescales if t > end - GROWTH_MS]
    before = now - sum(by for _, by in facts.rescales)
    found = min(found, max(now, before + PODS_AT_ONCE, TIMES_AT_ONCE * before))
    found = max(law.least, min(found, law.most))
    if found != now:
        world.cluster.desired_replicas = found
        facts.rescales.append((end, found - now))
        text = f"Normal  SuccessfulRescale  New size: {found}; slots in use {use:.0%}"
        sample.notes.append((params.pods, "INFO", text))
