"""A training node is taken out of use, or put back."""

from __future__ import annotations

from typing import Annotated

from simulator.actions import Acting, Action, Failed, Site
from simulator.pipeline.long_training import lifecycle
from simulator.registry import Refers, part
from simulator.units import NodeNumber


@part
class DrainNode(Action):
    """Take a training node out of use: the run on it starts again on the others.

    It goes back to its last good checkpoint, and without a spare it waits. Nodes of the model
    server are others: `cordon_node`.
    """

    node: Annotated[NodeNumber, Refers("node")]
    """Its number, or its name: `node-17`."""
    back: bool = False
    """Put it back into use instead."""

    def act(self, site: Site) -> Acting:
        fleet = site.world.trainings.fleet
        if self.node >= len(fleet.drained):
            raise Failed(f"there is no node {self.node}; the cluster has {len(fleet.drained)}")
        yield 30_000
        if bool(fleet.drained[self.node]) == (not self.back):
            state = "not drained" if self.back else "drained already"
            raise Failed(f"node {self.node} is {state}")
        change = lifecycle.undrain if self.back else lifecycle.drain
        change(site.world, site.params, self.node, site.now())
        return f"node {self.node} {'is back in use' if self.back else 'drained'}"
