"""Prometheus evaluates no rules."""

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
from simulator.units import IncidentType


@part
class RulesStalled(OwnerFault):
    """Rule groups miss their evaluations while scrapes go on: one query blocks them all.

    Nothing new fires. Firing alerts are not sent again, so that Alertmanager resolves them about
    four minutes after the last one and notifies the resolution. The owner of Prometheus fixes it
    (`fix_upstream`).
    """

    type = IncidentType.PIPELINE
    target_kind = "prometheus"
    wrong_moves = (
        WrongMove(
            "A silence changes no evaluation, and mutes the alerts that come after the repair.",
            (order("silence", matchers=['alertname=~".+"']),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "The model server is well; nobody is told whether it is.",
            (order("restart"),),
            cost=Cost.NO_RECOVERY,
        ),
    )

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.monitoring.rules_stalled.append(tick.fault)
