"""A notification receiver answers with errors."""

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
class ReceiverErrors(OwnerFault):
    """A receiver answers 503: the pager's own outage.

    Alertmanager retries, at first after half a second and later every minute, until the group is
    due again; then it starts over. Pages arrive late. The owner of the receiver fixes it
    (`fix_upstream`).
    """

    type = IncidentType.PIPELINE
    target_kind = "receiver"
    wrong_moves = (
        WrongMove(
            "Muted alerts notify nobody, also when the receiver answers again.",
            (order("silence", matchers=['alertname=~".+"'], length="2h"),),
            cost=Cost.RELAPSE,
        ),
        WrongMove(
            "The model server is well; nobody is told whether it is.",
            (order("restart"),),
            cost=Cost.NO_RECOVERY,
        ),
    )

    share: Ratio = 1.0
    """Of the attempts that fail, independently."""

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.share:
            laws = params.bends.monitoring.receivers.setdefault(self.target, [])
            laws.append(FailureLaw(tick.fault, self.share))
