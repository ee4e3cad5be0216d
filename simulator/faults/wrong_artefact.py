"""A version's name points to another file."""

from typing import Annotated, ClassVar

from simulator.faults import (
    RESTART,
    ROLL_BACK_BUILD,
    ROLL_BACK_MODEL,
    Args,
    Cost,
    Fault,
    FaultTick,
    Move,
    Params,
    Refers,
    World,
    WrongMove,
    order,
    part,
)
from simulator.pipeline.bends import FaultShare
from simulator.units import IncidentType, Ratio


@part
class WrongArtefact(Fault):
    """The servers of one version load weights in another column order.

    The release succeeds and nothing fails; its scores are noise from the first request.
    """

    type = IncidentType.MODEL_PERFORMANCE
    component = "model"
    ended_by = ("rollback", "release")
    right_moves = (
        Move("The former version's name points to its own file.", (ROLL_BACK_MODEL,)),
        Move(
            "The former version answers, from its own file.",
            (order("fallback", answer="former_model", version="{former_model}"),),
            cures=False,
        ),
    )
    wrong_moves = (
        WrongMove("Every build loads the same file.", (ROLL_BACK_BUILD,), cost=Cost.NO_RECOVERY),
        WrongMove("Restarted pods load the same file.", (RESTART,), cost=Cost.NO_RECOVERY),
        WrongMove(
            "A new version has a file of its own, once it is trained and evaluated.",
            (order("retrain"),),
            cost=Cost.DELAY,
        ),
        WrongMove(
            "The same answer for everybody is hardly better than noise.",
            (order("fallback", answer="constant"),),
            cost=Cost.NO_RECOVERY,
        ),
    )
    example: ClassVar[Args] = {"version": 8}  # the next one to be released

    version: Annotated[int, Refers("version")]
    """The version of the model, while it is the champion."""
    share: Ratio = 1.0
    """Of the requests: of the servers with the wrong file."""

    def applies(self, world: World) -> bool:
        return world.releases.model == self.version

    def missing_target(self, world: World) -> str:
        return "" if self.applies(world) else f"version {self.version} not the champion"

    def bend(self, params: Params, world: World, tick: FaultTick) -> None:
        if self.applies(world) and self.share > 0:
            params.bends.wrong_artefacts.append(FaultShare(tick.fault, self.share))
