"""Another team holds the slots of a pool."""

from simulator.faults import (
    FIX,
    PAGE_OWNER,
    Cost,
    FaultTick,
    Move,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.pipeline.bends import TakenSlots
from simulator.units import IncidentType, Ratio


@part
class PoolExhausted(OwnerFault):
    """Runs of another team hold a share of a pool's slots and do not release them.

    Our runs stay queued; none fails, so none is logged.
    """

    type = IncidentType.RESOURCES
    target_kind = "pool"
    leaves = ("backlog",)
    right_moves = (
        *(
            Move(
                "More slots let ours through, until the owner has ended the other runs.",
                (order("resize_pool", pool="{target}", slots="{more_slots}"), mend),
            )
            for mend in (FIX, PAGE_OWNER)
        ),
        *(Move("Its owner ends the other runs.", (mend,)) for mend in (FIX, PAGE_OWNER)),
    )
    wrong_moves = (
        WrongMove(
            "Another run waits for a slot as well.",
            (order("rerun_job", job="{job}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "A skipped run held no slot, and does no work.",
            (order("skip_run", job="{job}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "All missed runs stand in the queue before the run that is due when slots are free.",
            (order("backfill", job="{job}", at_once=0),),
            cost=Cost.RELAPSE,
        ),
    )

    share: Ratio = 1.0
    """Of the pool's configured slots."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        slots = next(law.slots for law in params.pools if law.name == self.target)
        if taken := round(self.share * slots):
            params.bends.taken_slots.append(TakenSlots(tick.fault, self.target, taken))
