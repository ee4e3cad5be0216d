"""What Alertmanager notifies answers with errors."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.laws import Params
from simulator.pipeline.monitoring import Failing
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType, Ratio


@part
class ReceiverErrors(OwnerFault):
    """A receiver answers 503: the pager's own outage.

    Alertmanager tries again, at first after half a second and later every minute, until the
    group is due again; then it begins anew. Who should have been paged is paged late. Whoever
    owns the receiver mends it (`fix_upstream`).
    """

    type: ClassVar[IncidentType] = IncidentType.PIPELINE
    on: ClassVar[str] = "receiver"

    share: Ratio = 1.0
    """Of the attempts that fail, each by its own luck."""

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        if self.share:
            laws = params.bends.monitoring.receivers.setdefault(self.target, [])
            laws.append(Failing(bite.fault, self.share))
