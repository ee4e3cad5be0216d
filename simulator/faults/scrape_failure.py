"""Prometheus cannot reach a target."""

from simulator.faults import (
    Cost,
    FaultTick,
    OwnerFault,
    Params,
    World,
    WrongMove,
    order,
    part,
)
from simulator.pipeline.monitoring import FailureLaw
from simulator.units import IncidentType, Ratio


@part
class ScrapeFailure(OwnerFault):
    """Scrapes of one job fail, as after a network policy or an expired certificate.

    `up` is 0, and every other series of the target ends at once: alerts on them resolve or never
    fire, whatever the target itself does. The owner of the target's exporter fixes it
    (`fix_upstream`).
    """

    type = IncidentType.PIPELINE
    target_kind = "scrape"
    wrong_moves = (
        WrongMove(
            "The target is well and only out of sight; new pods are out of sight as well.",
            (order("restart"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "More pods serve the same traffic, as little in sight.",
            (order("scale", replicas="{more_replicas}"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "A mute alert on a missing target makes nobody look for it.",
            (order("silence", matchers=['job="{target}"']),),
            cost=Cost.NO_RECOVERY,
        ),
    )

    share: Ratio = 1.0
    """Of the scrapes that fail, independently."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share:
            laws = params.bends.monitoring.scrapes.setdefault(self.target, [])
            laws.append(FailureLaw(tick.fault, self.share))
