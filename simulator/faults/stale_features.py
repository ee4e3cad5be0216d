"""A source serves an old snapshot."""

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
from simulator.units import Ratio


@part
class StaleFeatures(OwnerFault):
    """Runs succeed and read the same rows as before: the view looks fresh and is not.

    Its values are those of the onset, so that accuracy falls as slowly as the world changes, and no
    drift statistic moves. Another materialization reads the same rows; the owner of the source
    fixes it (`fix_upstream`).
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
            "The run reads the same snapshot.",
            (order("materialize", view="{view}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The former version reads the same values.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY
        ),
        WrongMove("New pods read the same values.", (RESTART,), cost=Cost.NO_RECOVERY),
    )

    share: Ratio = 1.0
    """Of the entities."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        views = feature_store.views_fed_by(params, self.target)
        if self.share > 0 and views:
            params.bends.incomplete_materializations.append(
                IncompleteMaterialization(tick.fault, views, self.share, tick.active_ms)
            )
