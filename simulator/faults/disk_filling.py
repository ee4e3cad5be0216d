"""A process writes to a volume and deletes nothing."""

from typing import ClassVar

from simulator.faults import (
    FIX,
    PAGE_OWNER,
    Args,
    Cost,
    FaultTick,
    Move,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    part,
    then,
)
from simulator.pipeline.bends import VolumeFill
from simulator.units import IncidentType, Size


@part
class DiskFilling(OwnerFault):
    """Files grow on a volume, such as a debug log, until no space is left on the device.

    Nothing happens before that; then every writer fails, jobs and checkpoints together. Cleaning up
    buys time (`clean_disk`), the owner of the volume finds the writer (`fix_upstream`); its files
    stay until somebody cleans up.
    """

    type = IncidentType.RESOURCES
    target_kind = "volume"
    leaves = ("full_volume", "backlog")
    right_moves = (
        Move(
            "The owner stops the writer; then somebody deletes its files.",
            (FIX, then("clean_disk", volume="{target}")),
        ),
        Move(
            "Space at once, and again when the owner has stopped the writer.",
            (
                PAGE_OWNER,
                order("clean_disk", volume="{target}"),
                then("clean_disk", volume="{target}"),
            ),
        ),
        Move(
            "The owner stops the writer; then somebody deletes its files.",
            (PAGE_OWNER, then("clean_disk", volume="{target}")),
        ),
    )
    wrong_moves = (
        WrongMove(
            "The writer fills the volume again.",
            (order("clean_disk", volume="{target}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove("The writer stops, and its files stay.", (PAGE_OWNER,), cost=Cost.NO_RECOVERY),
        WrongMove(
            "Another run finds no space either.",
            (order("rerun_job", job="{job}"),),
            cost=Cost.NO_RECOVERY,
        ),
    )
    example: ClassVar[Args] = {"per_second": "4MiB"}

    per_second: Size = 20_000_000
    """Written every second."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.per_second:
            params.bends.volume_fill.append(
                VolumeFill(tick.fault, self.target, float(self.per_second))
            )
