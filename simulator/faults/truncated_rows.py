"""A file ends at a size cap, and nobody is told."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.bends import IncompleteMaterialization
from simulator.pipeline.laws import Params
from simulator.pipeline.model import feature_store
from simulator.pipeline.world import World
from simulator.registry import Args, part
from simulator.units import Count


@part
class TruncatedRows(OwnerFault):
    """What a materialization run reads ends after so many rows; the rest is dropped silently.

    The run succeeds, its row count is flat, and the view is as fresh as ever. Of the entities
    beyond the cap the store keeps what it knew, older every hour; a run that has more to catch
    up on loses more. The owner of the source raises the cap (`fix_upstream`).
    """

    leaves: ClassVar[tuple[str, ...]] = ("stale_values",)
    example: ClassVar[Args] = {"cap": 100}
    neutral: ClassVar[tuple[Args, ...]] = ({"cap": 10**9},)

    cap: Count = 65_536
    """Rows that a run gets at most: those of an old spreadsheet by default."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if views := feature_store.views_of(params, self.target):
            params.bends.incomplete_materializations.append(
                IncompleteMaterialization(bite.fault, views, 1.0, bite.since, self.cap)
            )
