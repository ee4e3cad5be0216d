"""A process writes to a volume and deletes nothing."""

from typing import ClassVar

from simulator.faults import Args, FaultTick, OwnerFault, Params, World, part
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
    example: ClassVar[Args] = {"per_second": "4MiB"}

    per_second: Size = 20_000_000
    """Written every second."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.per_second:
            params.bends.volume_fill.append(
                VolumeFill(tick.fault, self.target, float(self.per_second))
            )
