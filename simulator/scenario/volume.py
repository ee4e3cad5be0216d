"""The format of volumes, and the space that jobs and checkpoints need on them."""

from collections.abc import Iterator, Mapping
from typing import Self

from pydantic import model_validator

from simulator.scenario.base import Frozen, Name
from simulator.scenario.job import Job
from simulator.scenario.stage import AnyStage
from simulator.scenario.training import Checkpoint, Training
from simulator.source import Issue, raise_issues
from simulator.units import Size, did_you_mean, format_bytes


class Volume(Frozen):
    """A file system for jobs or checkpoints; a checkpoint store's volume has its name."""

    size: Size
    """Its size."""
    used: Size = 0
    """The space used at the start."""
    owner: Name | None = None
    """The team that can clean it up."""

    @model_validator(mode="after")
    def _check_fits(self) -> Self:
        if self.used > self.size:
            text = f"given {format_bytes(self.used)!r}, above size ({format_bytes(self.size)})"
            raise_issues([Issue(("used",), text)])
        return self


def needs(stages: Mapping[str, AnyStage], volume: str) -> dict[str, int]:
    """The space needed on a volume by jobs (by name) and checkpoints (by store)."""
    space = {
        name: stage.writes
        for name, stage in stages.items()
        if isinstance(stage, Job) and stage.volume == volume
    }
    for stage in stages.values():
        if isinstance(stage, Training) and stage.checkpoint and stage.checkpoint.store == volume:
            space[volume] = max(space.get(volume, 0), stage.checkpoint.size)
    return space


def misplaced(
    stages: Mapping[str, AnyStage], volumes: Mapping[str, Volume]
) -> Iterator[tuple[str, Issue]]:
    """Issues of stages whose volume does not exist or is too small, with their names."""
    for name, stage in stages.items():
        if isinstance(stage, Training) and stage.checkpoint and stage.checkpoint.size:
            yield from ((name, issue) for issue in _checkpoint(stage.checkpoint, volumes))
        if not isinstance(stage, Job) or stage.volume is None:
            continue
        if stage.volume not in volumes:
            text = f"unknown volume {stage.volume!r}{did_you_mean(stage.volume, volumes)}"
            yield name, Issue(("volume",), text)
            continue
        room = volumes[stage.volume].size - volumes[stage.volume].used
        if stage.writes > room:
            text = (
                f"given {format_bytes(stage.writes)!r}, but {stage.volume} has {format_bytes(room)}"
            )
            yield name, Issue(("writes",), text)


def _checkpoint(checkpoint: Checkpoint, volumes: Mapping[str, Volume]) -> Iterator[Issue]:
    """Issues of a checkpoint store; a store without a volume is unlimited."""
    store = checkpoint.store
    if store not in volumes:
        meant = did_you_mean(store, volumes)
        if meant:
            yield Issue(("checkpoint", "store"), f"unknown volume {store!r}{meant}")
        return
    room = volumes[store].size - volumes[store].used
    if checkpoint.size > room:
        text = f"given {format_bytes(checkpoint.size)!r}, but {store} has {format_bytes(room)}"
        yield Issue(("checkpoint", "size"), text)
