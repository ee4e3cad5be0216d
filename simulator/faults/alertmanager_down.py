"""Alertmanager is down."""

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
from simulator.pipeline.monitoring import ALERTMANAGER, FailureLaw
from simulator.units import IncidentType


@part
class AlertmanagerDown(OwnerFault):
    """Alertmanager's process is down: alerts fire and notify nobody.

    Its own target has `up` 0. After a restart it still has its silences and its notification
    log; alerts that fire then are posted within a minute and notified at once, if they are old.
    Its owner restarts it (`fix_upstream`).
    """

    type = IncidentType.PIPELINE
    target_kind = "alertmanager"
    wrong_moves = (
        WrongMove(
            "The model server is well; nobody is told whether it is.",
            (order("restart"),),
            cost=Cost.NO_RECOVERY,
        ),
        WrongMove(
            "It takes no silence while it is down, and its alerts reach nobody anyway.",
            (order("silence", matchers=['alertname=~".+"']),),
            cost=Cost.NO_RECOVERY,
        ),
    )

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        params.bends.monitoring.alertmanager_down.append(tick.fault)
        params.bends.monitoring.scrapes.setdefault(ALERTMANAGER, []).append(FailureLaw(tick.fault))
