"""Something writes to a volume and deletes nothing."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.bends import VolumeFill
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import Args, part
from simulator.units import IncidentType, Size


@part
class DiskFilling(OwnerFault):
    """Files grow on a volume, a debug log say, until there is no space left on the device.

    Nothing happens before that; then whatever has to write there fails, jobs and checkpoints
    together. Cleaning up buys time (`clean_disk`), the owner of the volume finds the writer
    (`fix_upstream`); what it wrote until then lies there until somebody cleans up.
    """

    type: ClassVar[IncidentType] = IncidentType.RESOURCES
    on: ClassVar[str] = "volume"
    leaves: ClassVar[tuple[str, ...]] = ("full_volume", "backlog")
    example: ClassVar[Args] = {"per_second": "4MiB"}

    per_second: Size = 20_000_000
    """Written every second."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.per_second:
            params.bends.volume_fill.append(
                VolumeFill(bite.fault, self.target, float(self.per_second))
            )
