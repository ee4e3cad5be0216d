"""What fits the model: our logistic regression, or an estimator of scikit-learn by name."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import partial
from typing import Any

from simulator.pipeline.model import learner
from simulator.pipeline.model.learner import Learner
from simulator.pipeline.model.sklearn_models import Fits
from simulator.scenario import Pipeline
from simulator.source import Issue
from simulator.units import did_you_mean

LOGISTIC = "logistic"
LIBRARY = "sklearn"
EXAMPLE = "sklearn.ensemble.RandomForestClassifier"


class NoEstimator(ValueError):
    """A name that is no estimator."""


def learner_of(pipeline: Pipeline) -> Learner:
    """What fits the versions of a pipeline's model."""
    model = pipeline.model
    if model.learner == LOGISTIC:
        return learner.fit
    return Fits(partial(_made, _class(model.learner), dict(model.parameters)))


def wrongs(pipeline: Pipeline) -> list[Issue]:
    """What is wrong with the learner and its parameters, below `model`."""
    model = pipeline.model
    if model.learner == LOGISTIC:
        known: list[str] = []
    else:
        try:
            known = sorted(_class(model.learner)().get_params())
        except NoEstimator as error:
            return [Issue(("learner",), str(error))]
        except Exception as error:
            # An estimator of estimators needs others to begin with.
            return [Issue(("learner",), f"{model.learner} cannot be made: {error}")]
    found = [
        Issue(("parameters", name), f"{model.learner} has no {name!r}{did_you_mean(name, known)}")
        for name in model.parameters
        if name not in known
    ]
    if not found and known:
        try:
            # Values are checked by scikit-learn when something is fitted.
            _made(_class(model.learner), dict(model.parameters)).fit(
                [[0.0], [1.0]] * 20, [0, 1] * 20
            )
        except Exception as error:
            text = str(error).splitlines()[0] if str(error) else type(error).__name__
            found.append(Issue(("parameters",) if model.parameters else ("learner",), text))
    return found


def _made(cls: type, parameters: Mapping[str, Any]) -> Any:
    made = cls(**parameters)
    if "random_state" in made.get_params() and "random_state" not in parameters:
        # The same rows give the same model.
        made.set_params(random_state=0)
    return made


def _class(name: str) -> type:
    path, _, last = name.rpartition(".")
    if path.partition(".")[0] != LIBRARY or not all(
        part.isidentifier() for part in name.split(".")
    ):
        raise NoEstimator(
            f"unknown learner {name!r}; expected {LOGISTIC!r}, or a classifier of scikit-learn: "
            f"{EXAMPLE}"
        )
    try:
        importlib.import_module(LIBRARY)
    except ImportError:
        raise NoEstimator(f"{name} needs scikit-learn: pip install 'ml-gameday[models]'") from None
    try:
        module = importlib.import_module(path)
    except ImportError:
        raise NoEstimator(f"scikit-learn has no module {path!r}") from None
    cls = getattr(module, last, None)
    if not isinstance(cls, type):
        raise NoEstimator(
            f"{path} has no {last!r}{did_you_mean(last, getattr(module, '__all__', ()))}"
        )
    if not any(hasattr(cls, way) for way in ("predict_proba", "decision_function")):
        raise NoEstimator(f"{name} is no classifier: it gives neither probabilities nor margins")
    return cls
