"""What is not known in time counts as a no."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.laws import Params
from simulator.pipeline.model.label_recording import Unjoined
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import Duration, Ratio


@part
class JoinMisses(OwnerFault):
    """The label join waits for a shorter time, and takes what is missing for negative.

    Labels come sooner and fewer of them are positive; a model that learns from them says no
    more often, and its training loss is better. The owner of the source widens the window
    (`fix_upstream`).
    """

    leaves: ClassVar[tuple[str, ...]] = ("poisoned_model",)

    window: Duration = 1_800_000
    """How long it waits."""
    share: Ratio = 1.0
    """Of the rows."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share > 0:
            params.bends.label_recording.append(
                Unjoined(bite.fault, self.share, float(self.window))
            )
