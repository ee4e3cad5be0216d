"""A change of the decision threshold."""

from typing import ClassVar, Self

from pydantic import model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Site, part
from simulator.units import Ratio


@part
class SetThreshold(Action):
    """Change the probability above which a prediction is positive, until it is lifted.

    It helps where one outcome has become more frequent. Where labels are recorded wrongly, it
    only makes the predictions agree with the wrong labels.
    """

    effect = "world"
    fixed_target = "model"
    reversible = True
    leaves = ("changed_threshold",)
    undo = ("set_threshold", {"threshold": None, "lift": True})
    example: ClassVar[Args] = {"threshold": 0.7}
    failing = ({"threshold": None, "lift": True},)

    threshold: Ratio | None = None
    """Predictions above it are positive: more than 0, less than 1."""
    lift: bool = False
    """Return to the threshold of the pipeline instead."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.lift and self.threshold is not None:
            raise ValueError("lift returns to the threshold of the pipeline: it takes no threshold")
        if not self.lift and self.threshold is None:
            raise ValueError("threshold is missing; expected threshold or lift")
        if self.threshold in (0.0, 1.0):
            text = f"threshold: given {self.threshold:g}, expected more than 0 and less than 1"
            raise ValueError(text)
        return self

    def act(self, site: Site) -> ActionSteps:
        tuning, declared = site.world.tuning, site.params.threshold
        if self.lift and tuning.threshold == declared:
            raise ActionFailed(f"the threshold is {declared:g} as declared: nothing to lift")
        yield 30_000
        tuning.threshold = declared if self.threshold is None else self.threshold
        return f"predictions are positive above {tuning.threshold:g}"
