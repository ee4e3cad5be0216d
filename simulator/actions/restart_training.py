"""A training run is started anew."""

from __future__ import annotations

from typing import Annotated

from simulator.actions import Acting, Action, Failed, Site, find
from simulator.pipeline.long_training import lifecycle, training_runs
from simulator.registry import Refers, part


@part
class RestartTraining(Action):
    """Stop a training run and start it from its last good checkpoint, on the nodes it has.

    It ends a hang. What was done since that checkpoint is lost, and a set-up is paid for.
    """

    run: Annotated[str, Refers("training run")]
    """The training stage."""

    def act(self, site: Site) -> Acting:
        number = find(self.run, (law.name for law in site.params.trainings), "training run")
        yield 30_000
        if site.world.trainings.runs[number].phase == training_runs.DONE:
            raise Failed(f"{self.run} has finished")
        lifecycle.restart(site.world, site.params, number, site.now())
        return f"{self.run} starts again from its last checkpoint"
