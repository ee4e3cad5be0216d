"""Load shedding at the gateway."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Refers, Site, index_of, part
from simulator.pipeline.traffic.gateway import ALL, Shedding
from simulator.units import Rate, Ratio, format_rate

CONFIG_MS = 10_000  # until every proxy has the new configuration


@part
class ShedLoad(Action):
    """Refuse requests at the gateway, so that the model server can serve the others in time.

    It refuses a share of them, or as many as exceed a rate; the others are chosen at random. A
    refused attempt takes no time of the model server. It counts against availability, and clients
    that retry come again.
    """

    effect = "world"
    fixed_target = "serving"
    reversible = True
    leaves = ("shed_traffic",)
    example: ClassVar[Args] = {"share": 0.5}
    undo = ("shed_load", {"lift": True, "share": None})

    share: Annotated[Ratio, Field(gt=0)] | None = None
    """The share of the attempts that is refused."""
    rate: Rate | None = None
    """Or the attempts per second that pass."""
    of: Annotated[str | None, Refers("request class")] = None
    """The class of requests, as the pipeline's `traffic.classes` names it; all without it."""
    lift: bool = False
    """End it instead; without a class for all classes."""

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        limits = (self.share is not None) + (self.rate is not None)
        if self.lift and limits:
            raise ValueError("lift ends the shedding: it takes no share and no rate")
        if not self.lift and limits != 1:
            raise ValueError("expected either a share of the requests or a rate")
        return self

    def act(self, site: Site) -> ActionSteps:
        gateway = site.world.gateway
        if self.of is not None:
            index_of(self.of, (name for name, _ in site.params.classes), "class of requests")
        key, noun = self.of or ALL, f"{self.of} requests" if self.of else "requests"
        if self.lift and not (key in gateway.shedding if self.of else gateway.shedding):
            raise ActionFailed(f"no {noun} are shed: there is nothing to lift")
        yield CONFIG_MS
        if self.lift:
            for name in [key] if self.of else list(gateway.shedding):
                gateway.shedding.pop(name, None)
            if not gateway.shedding:
                gateway.offered.clear()
            return f"{noun} are shed no more"
        gateway.shedding[key] = Shedding(self.share or 0.0, self.rate)
        if self.rate is not None:
            return f"{noun} above {format_rate(self.rate)} are refused"
        return f"{self.share:.0%} of the {noun} are refused"
