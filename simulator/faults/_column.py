"""Base of faults of a column of a source."""

from typing import ClassVar

from simulator.faults import (
    RESTART,
    ROLL_BACK_MODEL,
    Cost,
    FaultTick,
    Feature,
    Move,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    then,
    with_owner,
)
from simulator.pipeline.rows import RowLaw, RowPool
from simulator.units import Ratio


class ColumnFault(OwnerFault):
    """Base of faults of a column of a source, in a share of its rows."""

    right_moves: ClassVar[tuple[Move, ...]] = (
        *with_owner(
            "Its owner mends the source; a run fills the view with right rows.",
            (),
            (then("materialize", view="{view}"),),
        ),
        *OwnerFault.right_moves,
    )
    wrong_moves: ClassVar[tuple[WrongMove, ...]] = (
        WrongMove(
            "The former version reads the same values.", (ROLL_BACK_MODEL,), cost=Cost.NO_RECOVERY
        ),
        WrongMove(
            "A version learns the wrong values, and is wrong once they are right again.",
            (order("retrain", window="{since_onset}"),),
            cost=Cost.RELAPSE,
        ),
        WrongMove(
            "The run reads the same rows.",
            (order("materialize", view="{view}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove("New pods read the same values.", (RESTART,), cost=Cost.NO_RECOVERY),
    )

    feature: Feature
    """The column."""
    share: Ratio = 1.0
    """Of the rows."""

    def law(self, fault: str, column: int, pool: RowPool) -> RowLaw | None:
        """The law of the column's values; None if they do not change."""
        raise NotImplementedError

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        law = self.law(tick.fault, params.pool.index(self.feature), params.pool)
        if law is not None and self.share > 0:
            params.bends.row_laws.append(law)
