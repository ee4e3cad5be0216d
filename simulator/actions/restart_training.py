"""A restart of a training run."""

from typing import Annotated

from simulator.actions import Action, ActionFailed, ActionSteps, Refers, Site, index_of, part
from simulator.pipeline.long_training import lifecycle, training_runs


@part
class RestartTraining(Action):
    """Stop a training run and start it from its last good checkpoint, on the same nodes.

    It ends a hang. Progress since that checkpoint is lost, and the set-up takes time again.
    """

    effect = "world"
    # The progress since the last checkpoint is gone, and no order brings it back.
    reversible = False

    run: Annotated[str, Refers("training run")]
    """The training stage."""

    def act(self, site: Site) -> ActionSteps:
        number = index_of(self.run, (law.name for law in site.params.trainings), "training run")
        yield 30_000
        if site.world.trainings.runs[number].phase == training_runs.DONE:
            raise ActionFailed(f"{self.run} has finished")
        lifecycle.restart(site.world, site.params, number, site.now())
        return f"{self.run} starts again from its last checkpoint"
