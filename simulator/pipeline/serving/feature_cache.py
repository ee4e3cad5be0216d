"""A cache of features in the memory of each replica: a hit needs no feature read.

A cache that has seen n requests since its process started hits with probability
`hit_ratio (1 - exp(-n / size))`; so a restart, a kill or a new replica is cold, and puts its reads
on the dependency until it is warm. Whether a request hits is drawn from its ID when it arrives,
against the mean of the ready replicas, since it may go to any of them; its retries do the same. A
hit has `DEPEND` 0. The entries fill the cache's memory as they raise its hit ratio.
"""

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.requests import DEPEND, ID
from simulator.pipeline.serving.laws import CacheLaw
from simulator.pipeline.serving.server import Served
from simulator.pipeline.world import READY, Replicas
from simulator.streams import uniforms


def hit_ratios(law: CacheLaw, warmth: Floats, requests: int, weight: int = 1) -> Floats:
    """The chance of a hit of each of the next requests, dealt out to replicas of some warmth.

    Parameters
    ----------
    warmth : ndarray, shape (replicas,)
        Requests that each cache has seen; infinite for one that is warm.
    weight : int
        Requests that each of them stands for.

    Examples
    --------
    >>> law = CacheLaw(hit_ratio=0.8, size=100.0)
    >>> hit_ratios(law, np.array([0.0, np.inf]), 3).round(3).tolist()
    [0.4, 0.402, 0.404]
    """
    if not len(warmth):
        return np.zeros(requests)
    cold = np.exp(-warmth / law.size).mean()
    seen = np.arange(requests) * (weight / len(warmth))
    ratios: Floats = law.hit_ratio * (1.0 - cold * np.exp(-seen / law.size))
    return ratios


def memory_held(law: CacheLaw | None, warmth: Floats) -> Floats:
    """The bytes that the caches of replicas of some warmth hold; 0 without caches.

    Examples
    --------
    >>> law = CacheLaw(hit_ratio=0.8, size=100.0, memory=1000.0)
    >>> memory_held(law, np.array([0.0, 100.0, np.inf])).round().tolist()
    [0.0, 632.0, 1000.0]
    """
    if law is None or not law.memory:
        return np.zeros(len(warmth))
    held: Floats = law.memory * (1.0 - np.exp(-warmth / law.size))
    return held


def look_up(
    replicas: Replicas, params: Params, arrivals: Floats, seed: int, weight: int = 1
) -> None:
    """Let the arrivals look up their features: hits get `DEPEND` 0, in place."""
    law = params.feature_cache
    assert law is not None
    warmth = replicas.warmth[replicas.phase == READY]
    ratios = hit_ratios(law, warmth, len(arrivals), weight)
    arrivals[uniforms(arrivals[:, ID], "cache", seed) < ratios, DEPEND] = 0.0
    params.read_share = 1.0 - float(ratios.mean()) if len(ratios) else 1.0


def warm(replicas: Replicas, served: Served, weight: int) -> None:
    """Count the look-ups of a segment, by replica; the columns are made anew."""
    hits, misses = served.lookups * weight
    replicas.cache_hits = replicas.cache_hits + hits
    replicas.cache_misses = replicas.cache_misses + misses
    replicas.warmth = replicas.warmth + (hits + misses)
