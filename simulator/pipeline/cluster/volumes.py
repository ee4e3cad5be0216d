"""Volumes: how full they are, and which writes fail on a full one.

Normal writes are rotated away as fast, so that a volume stays as full as it is. A job needs free
space on its volume while it runs, and a checkpoint beside the one before; without it the write
fails.
"""

from simulator.pipeline.cluster.laws import VolumeLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World

NO_SPACE = "[Errno 28] No space left on device"


def step(world: World, params: Params, sample: Sample) -> None:
    """Fill the volumes, and find the writers without space; before any job of the tick."""
    for law in params.volumes:
        free = law.size - world.volumes[law.name]
        for fill in params.bends.volume_fill:
            if fill.volume == law.name:
                # Bytes beyond the free space are lost, and their writer goes on.
                written = min(free, fill.per_second * sample.dt / 1000.0)
                free -= written
                sample.hit(fill.fault, int(written))
        world.volumes[law.name] = law.size - free
        for writer, need in law.needs:
            if need > free:
                params.bends.no_space[writer] = f"OSError: {NO_SPACE}: '/{law.name}/{writer}'"


def clean(world: World, law: VolumeLaw) -> float:
    """Delete everything that need not be kept; returns the bytes freed."""
    freed = max(0.0, world.volumes[law.name] - law.used)
    world.volumes[law.name] -= freed
    return freed


def lacks_space(world: World, params: Params) -> bool:
    """Whether any writer has too little space on any volume."""
    return any(
        need > law.size - world.volumes[law.name] for law in params.volumes for _, need in law.needs
    )
