"""Serving a feature view from a snapshot."""

from typing import Annotated, Self

from pydantic import model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Refers, Site, index_of, part
from simulator.pipeline.model import snapshots
from simulator.units import Duration, format_ms

SWITCH_MS = 20_000  # until every feature server reads the snapshot


@part
class PinFeatures(Action):
    """Serve a feature view from a snapshot of its materialization, until it is lifted.

    Its values age from there: a view of bad rows serves older good ones, until they are stale, or
    nulls beyond its time to live. Materialization goes on behind it. A store keeps the snapshots
    of the newest runs only.
    """

    effect = "world"
    reversible = True
    leaves = ("pinned_features",)
    undo = ("pin_features", {"lift": True})
    failing = ({"before": "99h"},)

    view: Annotated[str, Refers("feature view")]
    """The feature view."""
    before: Duration = 0
    """How old the snapshot is at least; the newest such one is served."""
    lift: bool = False
    """Serve what the last run wrote instead."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.lift and self.before:
            raise ValueError("lift ends the pin of a view: it takes no before")
        return self

    def act(self, site: Site) -> ActionSteps:
        store = site.world.store
        index_of(self.view, site.params.views, "feature view")
        if self.lift and self.view not in store.pinned:
            raise ActionFailed(f"{self.view} is not pinned")
        if self.lift:
            yield SWITCH_MS
            store.pinned.pop(self.view, None)
            return f"{self.view} is served as it is materialized"
        state = snapshots.find(site.world, site.params, self.view, self.before)
        if isinstance(state, str):
            raise ActionFailed(state)
        yield SWITCH_MS
        store.pinned[self.view] = state
        ago = format_ms(site.world.now - state.at)
        return f"{self.view} is served from a snapshot taken {ago} ago"
