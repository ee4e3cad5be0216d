"""The gateway during a tick: which requests it passes on to the model server."""

from simulator.pipeline.arrays import Floats
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World


def admit(world: World, params: Params, arrivals: Floats, seed: int, sample: Sample) -> Floats:
    """The arrivals that go on to the model server, shape (requests, COLUMNS), by `SINCE`.

    Called in ticks in which `world.gateway` is active.
    """
    return arrivals
