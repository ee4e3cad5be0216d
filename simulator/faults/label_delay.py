"""Outcomes are recorded later than before."""

from typing import Annotated

from pydantic import AfterValidator

from simulator.faults import (
    ROLL_BACK_MODEL,
    Cost,
    FaultTick,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.pipeline.model.label_recording import DelayedLabels
from simulator.units import Duration, Ratio, format_ms

# Beyond that the counts of labels on their way are overwritten.
LONGEST = 172_800_000


def _bounded(by: int) -> int:
    if by > LONGEST:
        raise ValueError(f"given {format_ms(by)!r}, expected {format_ms(LONGEST)!r} or less")
    return by


@part
class LabelDelay(OwnerFault):
    """The label source falls behind: labels of rows scored from now on come later.

    Live accuracy does not fall; it stays the same, and a flat line looks healthy. A retrain finds
    fewer rows. The owner of the source fixes it (`fix_upstream`).
    """

    wrong_moves = (
        WrongMove("A flat line is read as a healthy model.", cost=Cost.NO_RECOVERY),
        WrongMove(
            "No recent row has its label: it fails, or learns the past.",
            (order("retrain"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The former version knows no more of the present.",
            (ROLL_BACK_MODEL,),
            cost=Cost.NO_RECOVERY,
        ),
    )

    by: Annotated[Duration, AfterValidator(_bounded)] = 21_600_000
    """How much later."""
    share: Ratio = 1.0
    """Of the labels."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share > 0 and self.by:
            params.bends.label_recording.append(
                DelayedLabels(tick.fault, self.share, float(self.by))
            )
