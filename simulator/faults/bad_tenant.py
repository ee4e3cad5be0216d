"""One of many customers sends nonsense."""

from __future__ import annotations

import math
from typing import ClassVar

from pydantic import model_validator

from simulator.faults import Bite, Feature, OwnerFault, Quantity
from simulator.pipeline.laws import Params
from simulator.pipeline.model.label_recording import Swapped
from simulator.pipeline.rows import RowLaw
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import Number, Ratio


@part
class BadTenant(OwnerFault):
    """One part of the population sends wrong values, and wrong outcomes with them.

    It is wrong about that part at once. Who trains on everybody's rows then spoils the model
    for all. The owner of the source stops it (`fix_upstream`).
    """

    leaves: ClassVar[tuple[str, ...]] = ("stale_values", "poisoned_model")

    tenant: Feature = ""
    """The column that says which part; by default the one that is sent wrong."""
    low: Number = -math.inf
    """Rows with at least this value (of a category, the number of its level)."""
    high: Number = math.inf
    """Rows with at most this value."""
    feature: Quantity
    """The column that they send wrong."""
    factor: Number = -1.0
    """What its values are multiplied by."""
    offset: Number = 0.0
    """What is added."""
    share: Ratio = 1.0
    """Of that part's rows."""
    mislabelled: Ratio = 0.0
    """Of that part's positive outcomes, those recorded as negative."""

    @model_validator(mode="after")
    def _bounded(self) -> BadTenant:
        if self.low > self.high:
            raise ValueError(f"low ({self.low:g}) lies above high ({self.high:g})")
        return self

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        column = params.pool.index(self.feature)
        where = (params.pool.index(self.tenant or self.feature), self.low, self.high)
        if self.share > 0 and (self.factor, self.offset) != (1.0, 0.0):
            law = RowLaw(bite.fault, column, self.share, self.factor, self.offset, where=where)
            params.bends.row_laws.append(law)
        if self.share * self.mislabelled > 0:
            params.bends.label_recording.append(
                Swapped(bite.fault, self.share * self.mislabelled, label=1, where=where)
            )
