"""The autoscaler keeps the utilization of the pods' slots near a target.

It behaves as Kubernetes' HorizontalPodAutoscaler does by default. Every sync period it compares
the average utilization of the ready pods with the target and computes the number of pods that
would reach it, unless the two are within a tolerance. Pods that are not ready count as idle when
it scales up, so that it adds no more while the first ones still start. It adds at most four pods
or as many as there were, whichever is more, in 15 s. It scales down only to the largest
recommendation of the stabilisation window; before its first sync that is the present number.

A number that somebody orders by hand holds until the next sync.

References
----------
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
"""

import math

import numpy as np

from simulator.pipeline.cluster.laws import AutoscalerLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import READY, World

# Kubernetes' default policies for scaling up: the larger of the two, in any 15 s.
PODS_PER_PERIOD = 4
FACTOR_PER_PERIOD = 2
SCALE_UP_PERIOD_MS = 15_000


def recommended_replicas(law: AutoscalerLaw, now: int, utilization: float, ready: int) -> int:
    """The number of pods that would bring the utilization to the target.

    Parameters
    ----------
    now : int
        Desired replicas at present.
    utilization : float
        Average over the slots of the ready pods.
    ready : int
        Ready pods.

    Examples
    --------
    >>> law = AutoscalerLaw(least=1, most=20, target=0.5)
    >>> [recommended_replicas(law, 4, utilization, 4) for utilization in (0.9, 0.54, 0.1)]
    [8, 4, 1]
    >>> recommended_replicas(law, 8, 0.9, 4)  # the other four are still starting
    8
    """
    if not ready:
        return now  # there is no measurement
    ratio, pods = utilization / law.target, ready
    if ratio > 1 and now > ready:
        ratio, pods = ratio * ready / now, now
        if ratio < 1:
            return now  # the pods that are starting suffice
    if abs(ratio - 1) <= law.tolerance:
        return now
    # A hair above a whole number is rounding.
    return math.ceil(ratio * pods - 1e-9)


def step(world: World, params: Params, sample: Sample) -> None:
    """Account for the tick, and at a sync set the desired replicas.

    Comes after serving: pods are created from the next tick on.
    """
    law, state = params.autoscaler, world.cluster.autoscaler
    if law is None:
        return
    ready = world.replicas.phase == READY
    state.used_ms += float(sample.busy_ms.sum())
    state.ready_ms += int(np.count_nonzero(ready)) * params.concurrency * sample.dt
    end = sample.t + sample.dt
    if sample.t // law.sync_ms == end // law.sync_ms:
        return
    utilization = state.used_ms / state.ready_ms if state.ready_ms else 0.0
    state.used_ms = state.ready_ms = 0.0
    now = world.cluster.desired_replicas
    if now == 0:
        return  # scaled to zero by hand: switched off
    replicas = recommended_replicas(law, now, utilization, int(np.count_nonzero(ready)))
    recommendations = state.recommendations or [(end, now)]
    state.recommendations = [(t, n) for t, n in recommendations if t > end - law.stabilisation_ms]
    state.recommendations.append((end, replicas))
    if replicas < now:
        replicas = min(now, max(n for _, n in state.recommendations))
    state.rescales = [(t, by) for t, by in state.rescales if t > end - SCALE_UP_PERIOD_MS]
    before = now - sum(by for _, by in state.rescales)
    replicas = min(replicas, max(now, before + PODS_PER_PERIOD, FACTOR_PER_PERIOD * before))
    replicas = max(law.least, min(replicas, law.most))
    if replicas != now:
        world.cluster.desired_replicas = replicas
        state.rescales.append((end, replicas - now))
        text = f"Normal  SuccessfulRescale  New size: {replicas}; slots in use {utilization:.0%}"
        sample.notes.append((params.pods, "INFO", text))
