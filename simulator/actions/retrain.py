"""A retraining of the model."""

from simulator.actions import Action, ActionFailed, ActionSteps, Site, part
from simulator.pipeline.jobs import dag
from simulator.units import Duration


@part
class Retrain(Action):
    """Train a version on recent labelled rows; if it passes its gate, it is released.

    It learns from the offline store: from bent rows it learns to expect such rows.
    """

    effect = "world"
    # `rollback` takes back its release, and the former version stays.
    reversible = True

    window: Duration = 0
    """The greatest age of its rows; 0 for the pipeline's own window."""

    def act(self, site: Site) -> ActionSteps:
        job = dag.find_job(site.params, "train")
        if job is None:
            raise ActionFailed("this pipeline trains no model")
        yield 10_000
        args = {"window": self.window} if self.window else {}
        if not dag.trigger(site.world, site.params, job.name, site.now(), args):
            raise ActionFailed(f"{job.name} is running already")
        return f"run of {job.name} ordered"
