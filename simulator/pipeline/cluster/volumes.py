"""Volumes: how full they are, and what fails when nothing more can be written to them.

What is written in peace is rotated away as fast, so that a volume stays as full as it is. A
job that works on one needs so much of it for the time of its run, and a checkpoint so much
beside the one before; where that is not free, the write fails.
"""

from __future__ import annotations

from simulator.pipeline.cluster.laws import VolumeLaw
from simulator.pipeline.laws import Params
from simulator.pipeline.sample import Sample
from simulator.pipeline.world import World

NO_SPACE = "[Errno 28] No space left on device"


def step(world: World, params: Params, sample: Sample) -> None:
    """Write what is written, and refuse whoever finds no room; before any job of the tick."""
    for law in params.volumes:
        room = law.size - world.volumes[law.name]
        for fill in params.bends.volume_fill:
            if fill.volume == law.name:
                # What finds no room is lost, and its writer goes on.
                written = min(room, fill.per_second * sample.dt / 1000.0)
                room -= written
                sample.hit(fill.fault, int(written))
        world.volumes[law.name] = law.size - room
        for who, wants in law.needs:
            if wants > room:
                params.bends.no_space[who] = f"OSError: {NO_SPACE}: '/{law.name}/{who}'"


def clean(world: World, law: VolumeLaw) -> float:
    """Delete all that is not to be kept; how much there was of it, bytes."""
    freed = max(0.0, world.volumes[law.name] - law.used)
    world.volumes[law.name] -= freed
    return freed


def short(world: World, params: Params) -> bool:
    """Whether anybody finds too little room on any volume."""
    return any(
        wants > law.size - world.volumes[law.name]
        for law in params.volumes
        for _, wants in law.needs
    )
