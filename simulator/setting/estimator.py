"""The learner of a model: the built-in logistic regression, or a scikit-learn classifier."""

import importlib
from collections.abc import Mapping
from functools import partial
from typing import Any

from simulator.pipeline.model.learner import Learner, LogisticLearner
from simulator.pipeline.model.sklearn_models import EstimatorLearner, fit_two_rows
from simulator.scenario import Pipeline
from simulator.source import Issue
from simulator.units import did_you_mean

LOGISTIC = "logistic"
LIBRARY = "sklearn"
EXAMPLE = "sklearn.ensemble.RandomForestClassifier"


class UnknownEstimator(ValueError):
    """A name that is not a classifier of scikit-learn."""


def learner_of(pipeline: Pipeline) -> Learner:
    """The learner that fits the versions of a pipeline's model."""
    model = pipeline.model
    if model.learner == LOGISTIC:
        return LogisticLearner().with_hyperparameters(model.parameters)
    return EstimatorLearner(partial(_create, _find_class(model.learner), dict(model.parameters)))


def hyperparameter_names(pipeline: Pipeline) -> list[str]:
    """The names of a learner's own hyperparameters, none if it cannot be created."""
    try:
        return list(learner_of(pipeline).hyperparameters)
    except Exception:
        return []  # an error of `learner_errors`


def learner_errors(pipeline: Pipeline) -> list[Issue]:
    """Errors of the learner and its parameters, with paths below `model`."""
    model = pipeline.model
    if model.learner == LOGISTIC:
        names = sorted(LogisticLearner().hyperparameters)
    else:
        try:
            names = sorted(_find_class(model.learner)().get_params())
        except UnknownEstimator as error:
            return [Issue(("learner",), str(error))]
        except Exception as error:
            # An ensemble of other estimators needs them as arguments.
            return [Issue(("learner",), f"{model.learner} cannot be created: {error}")]
    errors = [
        Issue(("parameters", name), f"{model.learner} has no {name!r}{did_you_mean(name, names)}")
        for name in model.parameters
        if name not in names
    ]
    if not errors:
        try:
            fitting = learner_of(pipeline)
            if isinstance(fitting, EstimatorLearner):
                fit_two_rows(fitting.make)
        except ValueError as error:
            errors.append(Issue(("parameters",) if model.parameters else ("learner",), str(error)))
    return errors


def _create(cls: type, parameters: Mapping[str, Any]) -> Any:
    estimator = cls(**parameters)
    if "random_state" in estimator.get_params() and "random_state" not in parameters:
        # The same rows give the same model.
        estimator.set_params(random_state=0)
    return estimator


def _find_class(name: str) -> type:
    path, _, last = name.rpartition(".")
    if path.partition(".")[0] != LIBRARY or not all(
        part.isidentifier() for part in name.split(".")
    ):
        raise UnknownEstimator(
            f"unknown learner {name!r}; expected {LOGISTIC!r}, or a classifier of scikit-learn: "
            f"{EXAMPLE}"
        )
    try:
        importlib.import_module(LIBRARY)
    except ImportError:
        raise UnknownEstimator(
            f"{name} needs scikit-learn: pip install 'ml-gameday[models]'"
        ) from None
    try:
        module = importlib.import_module(path)
    except ImportError:
        raise UnknownEstimator(f"scikit-learn has no module {path!r}") from None
    cls = getattr(module, last, None)
    if not isinstance(cls, type):
        raise UnknownEstimator(
            f"{path} has no {last!r}{did_you_mean(last, getattr(module, '__all__', ()))}"
        )
    if not any(hasattr(cls, method) for method in ("predict_proba", "decision_function")):
        raise UnknownEstimator(
            f"{name} is not a classifier: it gives neither probabilities nor margins"
        )
    return cls
