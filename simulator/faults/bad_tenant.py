"""One tenant sends corrupt values."""

import math
from typing import Self

from pydantic import model_validator

from simulator.faults import (
    RESTART,
    ROLL_BACK_MODEL,
    Cost,
    FaultTick,
    Feature,
    OwnerFault,
    Params,
    Quantity,
    World,
    WrongMove,
    order,
    part,
)
from simulator.pipeline.model.label_recording import FlippedLabels
from simulator.pipeline.rows import RowLaw
from simulator.units import Number, Ratio


@part
class BadTenant(OwnerFault):
    """One segment of the population sends wrong values, and wrong outcomes with them.

    Predictions for that segment are wrong at once. A model trained on all rows is then worse for
    everybody. The owner of the source stops it (`fix_upstream`).
    """

    leaves = ("stale_values", "poisoned_model")
    wrong_moves = (
        WrongMove(
            "The former version reads the same values.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY
        ),
        WrongMove(
            "The version learns from the tenant's rows, and is worse for everybody.",
            (order("retrain", window="{since_onset}"),),
            cost=Cost.RELAPSE,
        ),
        WrongMove("New pods read the same values.", (RESTART,), cost=Cost.NO_RECOVERY),
    )

    tenant: Feature = ""
    """The column that defines the segment; by default the corrupted one."""
    low: Number = -math.inf
    """Rows with at least this value (of a category, the number of its level)."""
    high: Number = math.inf
    """Rows with at most this value."""
    feature: Quantity
    """The corrupted column."""
    factor: Number = -1.0
    """Multiplies its values."""
    offset: Number = 0.0
    """Added to its values."""
    share: Ratio = 1.0
    """Of the segment's rows."""
    mislabelled: Ratio = 0.0
    """Of the segment's positive outcomes: recorded as negative."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low ({self.low:g}) lies above high ({self.high:g})")
        return self

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        column = params.pool.index(self.feature)
        where = (params.pool.index(self.tenant or self.feature), self.low, self.high)
        if self.share > 0 and (self.factor, self.offset) != (1.0, 0.0):
            law = RowLaw(tick.fault, column, self.share, self.factor, self.offset, where=where)
            params.bends.row_laws.append(law)
        if self.share * self.mislabelled > 0:
            params.bends.label_recording.append(
                FlippedLabels(tick.fault, self.share * self.mislabelled, label=1, where=where)
            )
