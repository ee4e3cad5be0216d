"""A limit of the length of requests at the gateway."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Site, part
from simulator.pipeline.traffic.gateway import LengthLimit
from simulator.units import Count, Factor

CONFIG_MS = 10_000  # until every proxy has the new configuration


@part
class LimitRequests(Action):
    """Limit the length of requests at the gateway, until it is lifted.

    Longer requests are refused (413, which no client repeats), or cut: then the model server has
    less work, but columns at the end of the request are missing, and the model reads their means.
    Columns that come from the feature store are not affected.
    """

    effect = "world"
    fixed_target = "serving"
    reversible = True
    leaves = ("limited_requests",)
    example: ClassVar[Args] = {"longest": 1.5}
    undo = ("limit_requests", {"lift": True, "longest": None})

    longest: Factor | None = None
    """The longest request that passes, as a multiple of the mean length."""
    tokens: Count | None = None
    """Or its length in tokens, where the pipeline declares them."""
    mode: Literal["refuse", "truncate"] = "refuse"
    """What happens to longer requests."""
    lift: bool = False
    """End the limit instead."""

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        limits = (self.longest is not None) + (self.tokens is not None)
        if self.lift and limits:
            raise ValueError("lift ends the limit: it takes no length")
        if not self.lift and limits != 1:
            raise ValueError("expected either longest, a multiple of the mean length, or tokens")
        if self.tokens == 0:
            raise ValueError("at most 0 tokens: no request would pass")
        return self

    def act(self, site: Site) -> ActionSteps:
        gateway, gpu = site.world.gateway, site.params.gpu
        if self.lift and gateway.length_limit is None:
            raise ActionFailed("the length of requests is not limited: there is nothing to lift")
        longest = self.longest or 0.0
        if self.tokens is not None:
            if gpu is None or not gpu.tokens:
                text = "the pipeline declares no tokens; say longest, a multiple of the mean length"
                raise ActionFailed(text)
            longest = self.tokens / gpu.tokens
        yield CONFIG_MS
        if self.lift:
            gateway.length_limit = None
            return "requests of any length pass"
        gateway.length_limit = LengthLimit(longest, self.mode == "truncate")
        verb = "cut" if self.mode == "truncate" else "refused"
        return f"requests longer than {longest:.3g} times the mean are {verb}"
