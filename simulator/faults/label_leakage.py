"""A column of the training rows contains the outcome."""

from simulator.faults import FaultTick, OwnerFault, Params, Quantity, World, part
from simulator.pipeline.bends import LabelLeak
from simulator.units import Number, Ratio


@part
class LabelLeakage(OwnerFault):
    """A column of the offline store is filled in after the outcome.

    The served values are right and so is the model. One trained on such rows looks better than any
    before, passes every gate, and fails in serving, where the column does not contain the outcome
    yet. The owner of the source fixes it (`fix_upstream`).
    """

    leaves = ("poisoned_model",)

    feature: Quantity
    """The column."""
    strength: Number = 1.0
    """How far its values move towards the outcome, in its own standard deviations."""
    share: Ratio = 1.0
    """Of the rows."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share > 0 and self.strength:
            column = params.pool.index(self.feature)
            params.bends.label_leaks.append(
                LabelLeak(tick.fault, self.share, column, self.strength)
            )
