"""The learner of a model: the built-in one, or any classifier of scikit-learn."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from simulator.cli import call
from simulator.pipeline.model.prediction_quality import accuracy
from simulator.pipeline.model.sklearn_models import FittedEstimator
from simulator.session import Session
from simulator.setting import load
from tests.small.playing import MINUTE, action_outcomes, play_orders

pytest.importorskip("sklearn")

SMALL = Path(__file__).parents[1] / "small"
FOREST = {
    "learner": "sklearn.ensemble.RandomForestClassifier",
    "parameters": {"n_estimators": 10, "max_depth": 5},
}


@pytest.fixture
def model(tmp_path, monkeypatch):
    """The small drill with another learner, in its own folder."""
    for file in SMALL.glob("*.y*ml"):
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)

    def model(**facts):
        path = tmp_path / "pipeline.yaml"
        text = path.read_text().replace(
            "model: {version: 7", "model: {**, version: 7".replace("**", json.dumps(facts)[1:-1])
        )
        path.write_text(text)
        return "drill.yaml"

    return model


@pytest.mark.parametrize(
    "facts",
    [
        FOREST,
        {"learner": "sklearn.linear_model.LogisticRegression"},
        {"learner": "sklearn.linear_model.RidgeClassifier"},
        {"learner": "sklearn.naive_bayes.GaussianNB"},
    ],
    ids=lambda facts: facts["learner"].rpartition(".")[2],
)
def test_a_classifier_serves(model, facts):
    setting = load(model(**facts))
    pool, version = setting.params.pool, setting.world.versions[7]
    assert isinstance(version, FittedEstimator)
    good = accuracy(version, pool.rows, pool.label)
    assert good > max(pool.label.mean(), 1 - pool.label.mean()) + 0.1
    assert np.isfinite(version.logit(np.full((3, pool.rows.shape[1]), np.nan))).all()
    # The law of the data does not depend on the learner.
    assert np.array_equal(pool.logit, load(SMALL / "drill.yaml").params.pool.logit)


def test_a_retrain_is_reproducible(model):
    setting = load(model(**FOREST))
    runs = [play_orders(setting, (2, "retrain", {})) for _ in range(2)]
    assert runs[0].digest == runs[1].digest
    session = Session(setting, 1)
    door = session.door(session.plays)
    from simulator.session import Order

    door.submit(Order("retrain", {}))
    session.advance(10 * MINUTE)
    while session.now < 10 * MINUTE:
        door.seen()
        session.advance(10 * MINUTE)
    assert isinstance(session.internals.world.versions[8], FittedEstimator)


def test_another_random_state_gives_another_forest(model):
    first = load(model(**FOREST)).world.versions[7]
    rows = load(SMALL / "drill.yaml").params.pool.rows
    again = load(SMALL / "drill.yaml", [
        f"pipeline.model.learner={FOREST['learner']}",
        'pipeline.model.parameters={"n_estimators": 10, "max_depth": 5}',
    ]).world.versions[7]  # fmt: skip
    assert np.array_equal(first.logit(rows), again.logit(rows))
    other = load(SMALL / "drill.yaml", [
        f"pipeline.model.learner={FOREST['learner']}",
        'pipeline.model.parameters={"n_estimators": 10, "max_depth": 5, "random_state": 3}',
    ]).world.versions[7]  # fmt: skip
    assert not np.array_equal(first.logit(rows), other.logit(rows))


@pytest.mark.parametrize(
    "facts, text",
    [
        ({"learner": "logistik"}, "model.learner: unknown learner 'logistik'; expected 'logistic', or a classifier of scikit-learn: sklearn.ensemble.RandomForestClassifier"),
        ({"learner": "os.system"}, "model.learner: unknown learner 'os.system'; expected 'logistic', or a classifier of scikit-learn: sklearn.ensemble.RandomForestClassifier"),
        ({"learner": "sklearn.forest.Forest"}, "model.learner: scikit-learn has no module 'sklearn.forest'"),
        ({"learner": "sklearn.ensemble.RandomForrestClassifier"}, "model.learner: sklearn.ensemble has no 'RandomForrestClassifier'; did you mean 'RandomForestClassifier'?"),
        ({"learner": "sklearn.linear_model.LinearRegression"}, "model.learner: sklearn.linear_model.LinearRegression is not a classifier: it gives neither probabilities nor margins"),
        ({**FOREST, "parameters": {"n_estimator": 3}}, "model.parameters.n_estimator: sklearn.ensemble.RandomForestClassifier has no 'n_estimator'; did you mean 'n_estimators'?"),
        ({**FOREST, "parameters": {"n_estimators": -3}}, "model.parameters: The 'n_estimators' parameter of RandomForestClassifier must be an int"),
        ({"parameters": {"depth": 3}}, "model.parameters.depth: logistic has no 'depth'"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_errors_have_their_place(model, capsys, facts, text):
    assert call(["check", model(**facts)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"pipeline.{text}" in line
    assert line.startswith("pipeline.yaml:")


def test_without_the_library(model, capsys, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert call(["check", model(**FOREST)]) == 2
    assert "needs scikit-learn: pip install 'ml-gameday[models]'" in capsys.readouterr().err


def test_parameters_that_do_not_go_together_are_refused_when_the_second_is_ordered(model):
    setting = load(model(learner="sklearn.linear_model.RidgeClassifier"))
    orders = [{"solver": "svd"}, {"positive": True}]
    run = play_orders(
        setting,
        *((2 + n, "change_hyperparameters", {"parameters": it}) for n, it in enumerate(orders)),
    )
    assert [state for _, state in action_outcomes(run)] == ["done", "failed"]
