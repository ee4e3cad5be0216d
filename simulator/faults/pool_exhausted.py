"""Another team holds the slots of a pool."""

from simulator.faults import FaultTick, OwnerFault, Params, World, part
from simulator.pipeline.bends import TakenSlots
from simulator.units import IncidentType, Ratio


@part
class PoolExhausted(OwnerFault):
    """Runs of another team hold a share of a pool's slots and do not release them.

    Our runs stay queued; none fails, so none is logged. The pool's owner ends the other runs
    (`fix_upstream`); more slots (`resize_pool`) let ours through meanwhile.
    """

    type = IncidentType.RESOURCES
    target_kind = "pool"
    leaves = ("backlog",)

    share: Ratio = 1.0
    """Of the pool's configured slots."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        slots = next(law.slots for law in params.pools if law.name == self.target)
        if taken := round(self.share * slots):
            params.bends.taken_slots.append(TakenSlots(tick.fault, self.target, taken))
