"""Manual materialization of a feature view."""

from typing import Annotated

from simulator.actions import Action, ActionFailed, ActionSteps, Refers, Site, part
from simulator.pipeline.jobs import dag


@part
class Materialize(Action):
    """Run the job that fills a feature view, outside its schedule.

    It reads the source as it is now: after an upstream fix it replaces the bad rows, before
    one it only refreshes them. A forced run reads what there is: where the source has delivered
    nothing, nulls overwrite good features.
    """

    effect = "world"
    # The job's later runs replace the rows that it writes.
    reversible = True

    view: Annotated[str, Refers("feature view")]
    """The feature view."""
    force: bool = False
    """Start without its sensor, and without the check that its inputs exist."""

    def act(self, site: Site) -> ActionSteps:
        job = next((law for law in site.params.jobs if law.view == self.view), None)
        if job is None:
            views = sorted({law.view for law in site.params.jobs if law.view})
            raise ActionFailed(f"no job fills {self.view!r}; views are {', '.join(views)}")
        args = {"force": True} if self.force else {}
        yield 10_000
        if not dag.trigger(site.world, site.params, job.name, site.now(), args):
            raise ActionFailed(f"{job.name} is running already")
        return f"run of {job.name} ordered"
