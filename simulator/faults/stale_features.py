"""A source answers from a snapshot that is never renewed."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.bends import IncompleteMaterialization
from simulator.pipeline.laws import Params
from simulator.pipeline.model import feature_store
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import Ratio


@part
class StaleFeatures(OwnerFault):
    """Runs succeed and read what they read before: the view says it is fresh and is not.

    What it holds was true at the onset, so that accuracy goes as slowly as the world changes,
    and no drift statistic moves. Another materialization brings the same rows; the owner of
    the source mends it (`fix_upstream`).
    """

    leaves: ClassVar[tuple[str, ...]] = ("stale_values",)

    share: Ratio = 1.0
    """Of the entities."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        views = feature_store.views_of(params, self.target)
        if self.share > 0 and views:
            params.bends.incomplete_materializations.append(
                IncompleteMaterialization(bite.fault, views, self.share, bite.since)
            )
