"""A rollback to the former version or build."""

from simulator.actions import Action, ActionFailed, ActionSteps, Component, Site, index_of, part
from simulator.pipeline.model import releases


@part
class Rollback(Action):
    """Deploy the former version of the model, or the former build of a component.

    The model's alias moves at once; pods of the model server are replaced one by one, each
    unavailable for its start-up time. It helps only if a release was the cause.
    """

    effect = "world"
    reversible = True

    target: Component
    """`model`, `serving`, or a job."""

    def act(self, site: Site) -> ActionSteps:
        index_of(self.target, (releases.MODEL, *site.world.releases.build), "target")
        yield 90_000
        number = releases.roll_back(site.world, self.target)
        if number is None:
            raise ActionFailed(f"{self.target} has nothing to go back to")
        noun = "version" if self.target == releases.MODEL else "build"
        return f"{self.target} rolled back to {noun} {number}", {noun: number}
