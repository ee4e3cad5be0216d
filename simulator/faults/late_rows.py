"""Rows arrive late and out of order."""

from simulator.faults import (
    RESTART,
    ROLL_BACK_MODEL,
    Cost,
    FaultTick,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    part,
    then,
    with_owner,
)
from simulator.pipeline.bends import IncompleteMaterialization
from simulator.pipeline.model import feature_store
from simulator.units import Duration, Ratio


@part
class LateRows(OwnerFault):
    """A share of the rows reaches the store late, or overwrites newer ones.

    The runs succeed and the view is fresh as a whole; for those entities it holds former values.
    The owner of the source fixes it (`fix_upstream`).
    """

    leaves = ("stale_values",)
    right_moves = (
        *with_owner(
            "Its owner mends the source; a run brings what was missing.",
            (),
            (then("materialize", view="{view}"),),
        ),
        *OwnerFault.right_moves,
    )
    wrong_moves = (
        WrongMove(
            "The run gets its rows as late.",
            (order("materialize", view="{view}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The former version reads the same values.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY
        ),
        WrongMove("New pods read the same values.", (RESTART,), cost=Cost.NO_RECOVERY),
    )

    by: Duration = 7_200_000
    """How late they are."""
    share: Ratio = 1.0
    """Of the rows."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        views = feature_store.views_fed_by(params, self.target)
        if self.share > 0 and self.by and views:
            params.bends.incomplete_materializations.append(
                IncompleteMaterialization(tick.fault, views, self.share, self.by)
            )
