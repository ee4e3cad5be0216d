"""The model is trained anew."""

from __future__ import annotations

from simulator.actions import Acting, Action, Failed, Site
from simulator.pipeline.jobs import dag
from simulator.registry import part
from simulator.units import Duration


@part
class Retrain(Action):
    """Train on recent rows whose labels are known; a gate decides; then it is released.

    It learns what the offline store holds: rows that were bent teach it to expect them.
    """

    window: Duration = 0
    """How far back the rows may lie; 0 for the pipeline's own."""

    def act(self, site: Site) -> Acting:
        job = dag.doing(site.params, "train")
        if job is None:
            raise Failed("this pipeline trains no model")
        yield 10_000
        args = {"window": self.window} if self.window else {}
        if not dag.trigger(site.world, site.params, job.name, site.now(), args):
            raise Failed(f"{job.name} is running already")
        return f"run of {job.name} ordered"
