"""Prometheus cannot reach a target."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.laws import Params
from simulator.pipeline.monitoring import Failing
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType, Ratio


@part
class ScrapeFailure(OwnerFault):
    """Scrapes of one job fail, as after a network policy or a certificate that ran out.

    `up` is 0, and every other series of the target ends at once: alerts on them resolve or
    never fire, whatever the target itself does. Whoever owns the target's exporter mends it
    (`fix_upstream`).
    """

    type: ClassVar[IncidentType] = IncidentType.PIPELINE
    on: ClassVar[str] = "scrape"

    share: Ratio = 1.0
    """Of the scrapes that fail, each by its own luck."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share:
            laws = params.bends.monitoring.scrapes.setdefault(self.target, [])
            laws.append(Failing(bite.fault, self.share))
