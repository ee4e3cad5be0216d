"""Fallback answers."""

import math
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Refers, Site, index_of, part
from simulator.faults import Feature
from simulator.pipeline.traffic.gateway import CACHED, FORMER_MODEL, FallbackLaw
from simulator.units import Number, Ratio

CONFIG_MS = 20_000  # until every proxy has the new configuration


@part
class Fallback(Action):
    """Answer requests without the deployed model, until it is lifted.

    A `constant` answer or a `cached` one, the last to the same entity, comes from the gateway
    within milliseconds, and the model server has less work. A `former_model` answers on the model
    server. All, a share, or one segment of the requests gets such answers; they are less accurate
    than those of a good model. A request without a cached answer goes to the model server.
    """

    effect = "world"
    fixed_target = "serving"
    reversible = True
    leaves = ("fallback_answers",)
    example: ClassVar[Args] = {"answer": "constant"}
    undo = ("fallback", {"lift": True, "answer": None})
    failing = (
        {"answer": "former_model", "version": 99},
        {"answer": "constant", "feature": "nothing"},
    )

    answer: Literal["constant", "former_model", "cached"] | None = None
    """Whose answer it is."""
    positive: Ratio = 0.0
    """The share of positive answers, where they are constant: 0 for never, 1 for always."""
    version: Annotated[int | None, Refers("version")] = None
    """The version of the former model."""
    share: Annotated[Ratio, Field(gt=0)] = 1.0
    """The share of the requests, or of the segment."""
    feature: Feature | None = None
    """The column that defines a segment; all requests without it."""
    low: Number = -math.inf
    """Rows with at least this value."""
    high: Number = math.inf
    """Rows with at most this value."""
    lift: bool = False
    """End it instead."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.lift != (self.answer is None):
            raise ValueError("expected either an answer or lift, which ends the fallback")
        if (self.version is None) == (self.answer == FORMER_MODEL):
            raise ValueError("a former_model has a version, and no other answer has")
        bounded = (self.low, self.high) != (-math.inf, math.inf)
        if bounded and self.feature is None:
            raise ValueError("low and high bound a segment: expected its feature")
        if self.low > self.high:
            raise ValueError(f"low ({self.low:g}) lies above high ({self.high:g})")
        return self

    def act(self, site: Site) -> ActionSteps:
        world, pool = site.world, site.params.pool
        if self.lift and world.gateway.fallback is None:
            raise ActionFailed("no requests get fallback answers: there is nothing to lift")
        if self.version is not None and self.version not in world.versions:
            numbers = ", ".join(map(str, sorted(world.versions)))
            raise ActionFailed(f"the model has no version {self.version}; there are {numbers}")
        if self.answer == CACHED and (pool.previous is None or not (pool.previous >= 0).any()):
            text = "the requests name no entity, so that nothing is cached; say constant"
            raise ActionFailed(text)
        names = [column.name for column in pool.columns]
        column = -1 if self.feature is None else index_of(self.feature, names, "column")
        yield CONFIG_MS
        if self.lift:
            world.gateway.fallback = None
            return "the deployed model answers again"
        assert self.answer is not None
        segment = (column, self.low, self.high) if self.feature is not None else None
        world.gateway.fallback = FallbackLaw(
            self.answer, self.share, self.positive, self.version or 0, segment
        )
        whose = f"version {self.version}" if self.version is not None else f"{self.answer} answers"
        whom = f"segment of {self.feature}" if self.feature is not None else "requests"
        return f"{whose} for {self.share:.0%} of the {whom}"
