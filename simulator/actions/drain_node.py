"""Draining and undraining a training node."""

from typing import Annotated

from simulator.actions import Action, ActionFailed, ActionSteps, Refers, Site, part
from simulator.pipeline.long_training import lifecycle
from simulator.units import NodeNumber


@part
class DrainNode(Action):
    """Take a training node out of use: its run restarts on the other nodes.

    The run resumes from its last good checkpoint; without a spare node it waits. For nodes of
    the model server see `cordon_node`.
    """

    effect = "world"
    # `back` undoes it; what its run loses since the last checkpoint is trained again.
    reversible = True

    node: Annotated[NodeNumber, Refers("node")]
    """The node's number or name: `node-17`."""
    back: bool = False
    """Put it back into use instead."""

    def act(self, site: Site) -> ActionSteps:
        fleet = site.world.trainings.fleet
        if self.node >= (nodes := len(fleet.drained)):
            raise ActionFailed(f"there is no node {self.node}; the cluster has {nodes}")
        yield 30_000
        if bool(fleet.drained[self.node]) == (not self.back):
            state = "not drained" if self.back else "drained already"
            raise ActionFailed(f"node {self.node} is {state}")
        change = lifecycle.undrain if self.back else lifecycle.drain
        change(site.world, site.params, self.node, site.now())
        return f"node {self.node} {'is back in use' if self.back else 'drained'}"
