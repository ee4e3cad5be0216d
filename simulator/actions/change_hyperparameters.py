"""A change of hyperparameters."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Refers, Site, part
from simulator.pipeline.jobs import dag
from simulator.pipeline.model import hyperparameters
from simulator.units import Duration, Factor, did_you_mean


@part
class ChangeHyperparameters(Action):
    """Change hyperparameters of the next trainings, until it is lifted.

    It changes no version that exists: the next retrain uses them. A shorter window or half-life
    forgets the past sooner, and learns from fewer rows.
    """

    effect = "world"
    fixed_target = "model"
    reversible = True
    leaves = ("changed_hyperparameters",)
    undo = ("change_hyperparameters", {"half_life": None, "lift": True})
    example: ClassVar[Args] = {"half_life": "30m"}
    failing = (
        {"parameters": {"nothing": 1}},
        {"half_life": None, "lift": True},
    )

    window: Duration | None = None
    """The greatest age of the rows of a training."""
    half_life: Duration | None = None
    """The age at which a row counts half; 0 for the same weight at every age."""
    positive_weight: Factor | None = None
    """How often a row with a positive label counts."""
    parameters: Annotated[Mapping[str, Any], Refers("hyperparameter")] = {}
    """Of the learner: `ridge` of a logistic regression, parameters of a scikit-learn classifier."""
    lift: bool = False
    """Return to the hyperparameters of the pipeline instead."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.lift and self._values():
            raise ValueError("lift returns to the pipeline's hyperparameters: it takes no others")
        if not self.lift and not self._values():
            raise ValueError("changes nothing; expected a hyperparameter or lift")
        if self.window == 0:
            raise ValueError("window: given '0s', expected more")
        return self

    def act(self, site: Site) -> ActionSteps:
        params, tuning = site.params, site.world.tuning
        if dag.find_job(params, "train") is None:
            raise ActionFailed("this pipeline trains no model")
        if self.lift and not tuning.hyperparameters:
            raise ActionFailed("all hyperparameters are as declared: nothing to lift")
        declared = hyperparameters.declared(params.learner, params.train_window)
        values = self._values()
        for name in values:
            if name not in declared:
                text = f"trainings here have no hyperparameter {name!r}"
                raise ActionFailed(text + did_you_mean(name, declared))
        changed = {**tuning.hyperparameters, **values}
        try:
            # With those of earlier orders: a classifier may refuse two that it takes singly.
            params.learner.with_hyperparameters(hyperparameters.of_learner(changed))
        except ValueError as error:
            raise ActionFailed(str(error)) from None
        yield 60_000
        if self.lift:
            tuning.hyperparameters.clear()
            return "hyperparameters as declared"
        changed = {**tuning.hyperparameters, **values}
        tuning.hyperparameters = {
            name: value for name, value in changed.items() if value != declared[name]
        }
        used = ", ".join(f"{name} {value}" for name, value in values.items())
        return f"the next training uses {used}"

    def _values(self) -> dict[str, Any]:
        own = {
            hyperparameters.WINDOW: self.window,
            hyperparameters.HALF_LIFE: self.half_life,
            hyperparameters.POSITIVE_WEIGHT: self.positive_weight,
        }
        ordered = {name: value for name, value in own.items() if value is not None}
        return ordered | dict(self.parameters)
