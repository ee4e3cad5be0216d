"""An inject by a facilitator."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from simulator.actions import ActionSteps, Args, FreeText, Site, part
from simulator.actions._facilitation import FacilitatorAction
from simulator.scenario.base import Name
from simulator.units import Duration


@part
class LiveInject(FacilitatorAction):
    """Start a fault or a change in the next tick, as an inject of a scenario does."""

    effect = "world"
    # A fault bends what happens meanwhile, whatever ends it.
    reversible = False
    example: ClassVar[Args] = {"fault": "overload", "args": {"rate": "80/s"}}

    fault: Annotated[str | None, FreeText] = None
    """A change of the pipeline's laws (drill catalogue faults)."""
    change: Annotated[str | None, FreeText] = None
    """An action of the organisation itself (drill catalogue actions)."""
    target: Annotated[Name | None, FreeText] = None
    """The target of the fault."""
    args: Mapping[str, Any] = {}
    """The arguments of the fault or change."""
    for_: Duration | None = Field(None, alias="for")
    """The duration of the fault; by default until it is fixed."""
    id: Annotated[Name | None, FreeText] = None
    """Its name in logs and reports; by default with its player and the order's number."""

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.fault is None) == (self.change is None):
            stated = "neither" if self.fault is None else "both"
            raise ValueError(f"expected one of fault, change; given {stated}")
        return self

    def check(self, site: Site) -> None:
        site.director.check_inject(self._spec(site))

    def act(self, site: Site) -> ActionSteps:
        yield 0
        name = site.director.inject(self._spec(site))
        return f"{name} starts", {"id": name}

    def _spec(self, site: Site) -> dict[str, Any]:
        """It as a scenario has it; by default its name does not depend on other orders."""
        spec = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return {"id": f"{self.fault or self.change}-{site.actor}-{site.order}", **spec}
