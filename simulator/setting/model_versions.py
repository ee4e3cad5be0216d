"""Fits the versions of a model that a scenario names."""

from collections.abc import Sequence

import numpy as np

from simulator.datasets.dataset import Dataset
from simulator.datasets.request_pool import make_pool
from simulator.datasets.windows import windows
from simulator.pipeline.arrays import Ints
from simulator.pipeline.model import learner
from simulator.pipeline.model.learner import Learner, Predictor
from simulator.pipeline.rows import RowPool
from simulator.scenario import Pipeline
from simulator.setting.estimator import learner_of


def fit_model(
    pipeline: Pipeline, dataset: Dataset, released: Sequence[int]
) -> tuple[dict[int, Predictor], RowPool]:
    """The versions of a pipeline's model, and the pool of rows that requests are drawn from.

    Parameters
    ----------
    released : sequence of int
        Versions that an inject will release.
    """
    model = pipeline.model
    fit, serve = windows(dataset, pipeline.data)
    numbers = sorted({*model.former, model.version, *released})
    versions = _fit_versions(dataset, fit, numbers, learner_of(pipeline))
    law = versions[model.version]
    if not isinstance(law, learner.LogisticRegression):
        law = learner.fit(dataset.rows[fit], dataset.label[fit], dataset.columns, model.version)
    return versions, make_pool(dataset, serve, law)


def _fit_versions(
    dataset: Dataset, rows: Ints, numbers: list[int], fit: Learner
) -> dict[int, Predictor]:
    """Models of several versions, the later ones fitted on later rows.

    The window of two thirds of the rows moves on from version to version, so that any two of
    them differ as two weekly retrains do.
    """
    order = rows[np.argsort(dataset.day[rows], kind="stable")]
    width = max(1, 2 * len(order) // 3)
    models: dict[int, Predictor] = {}
    for i, version in enumerate(numbers):
        last = max(1, len(numbers) - 1)
        start = (len(order) - width) * i // last if len(numbers) > 1 else 0
        window = order[start : start + width]
        models[version] = fit(dataset.rows[window], dataset.label[window], dataset.columns, version)
    return models
