"""A retraining of the model."""

import math
from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Refers, Site, index_of, part
from simulator.pipeline.jobs import dag
from simulator.units import Duration, Number


@part
class Retrain(Action):
    """Train a version on recent labelled rows; if it passes its gate, it is released.

    It learns from the offline store: from bent rows it learns to expect such rows, unless the order
    leaves them out, as a segment of the rows or as a span of time.
    """

    effect = "world"
    fixed_target = "model"
    # `rollback` takes back its release, and the former version stays.
    reversible = True
    failing = ({"exclude": "nothing", "low": 0.0},)

    window: Duration = 0
    """The greatest age of its rows; 0 for the pipeline's own window."""
    # Rows that it leaves out make it no order about the column, so nobody else approves it.
    exclude: Annotated[str, Refers("feature", claim=True)] = ""
    """The column that defines a segment of rows that it leaves out."""
    low: Number | None = None
    """The segment's least value (of a category, the number of its level)."""
    high: Number | None = None
    """The segment's greatest value."""
    skip_since: Duration = 0
    """How long ago a span of time begins whose rows it leaves out; 0 for none."""
    skip_until: Duration = 0
    """How long ago that span ends."""
    deduplicate: bool = False
    """Whether rows that were delivered several times count once."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        bounds = (self.low, self.high)
        if self.exclude and bounds == (None, None):
            raise ValueError("exclude needs low or high; without them every row is left out")
        if not self.exclude and bounds != (None, None):
            raise ValueError("low and high are of a segment: exclude is missing")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low ({self.low:g}) lies above high ({self.high:g})")
        if self.skip_until and self.skip_until >= self.skip_since:
            raise ValueError("skip_until lies before skip_since: nothing is left out")
        return self

    def act(self, site: Site) -> ActionSteps:
        job = dag.find_job(site.params, "train")
        if job is None:
            raise ActionFailed("this pipeline trains no model")
        args = dict(self._selection(site))
        yield 10_000
        if not dag.trigger(site.world, site.params, job.name, site.now(), args):
            raise ActionFailed(f"{job.name} is running already")
        return f"run of {job.name} ordered"

    def _selection(self, site: Site) -> Iterator[tuple[str, Any]]:
        """What the run reads, as the arguments of `select_rows`."""
        if self.window:
            yield "window", self.window
        if self.exclude:
            names = (column.name for column in site.params.pool.columns)
            low = -math.inf if self.low is None else self.low
            high = math.inf if self.high is None else self.high
            yield "exclude", (index_of(self.exclude, names, "column"), low, high)
        if self.skip_since:
            yield "skip", (self.skip_since, self.skip_until)
        if self.deduplicate:
            yield "deduplicate", True
