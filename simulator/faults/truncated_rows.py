"""A size cap truncates a file silently."""

from typing import ClassVar

from simulator.faults import (
    RESTART,
    ROLL_BACK_MODEL,
    Args,
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
from simulator.units import Count


@part
class TruncatedRows(OwnerFault):
    """The input of a materialization run ends after `cap` rows; the rest is dropped silently.

    The run succeeds, its row count is flat, and the view is as fresh as ever. For entities beyond
    the cap the store keeps its former values, older every hour; a run with more to catch up on
    loses more. The owner of the source raises the cap (`fix_upstream`).
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
            "The run reads as far as the cap.",
            (order("materialize", view="{view}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The former version reads the same values.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY
        ),
        WrongMove("New pods read the same values.", (RESTART,), cost=Cost.NO_RECOVERY),
    )
    example: ClassVar[Args] = {"cap": 100}
    neutral = ({"cap": 10**9},)

    cap: Count = 65_536
    """The most rows of a run: those of an old spreadsheet by default."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if views := feature_store.views_fed_by(params, self.target):
            params.bends.incomplete_materializations.append(
                IncompleteMaterialization(tick.fault, views, 1.0, tick.active_ms, self.cap)
            )
