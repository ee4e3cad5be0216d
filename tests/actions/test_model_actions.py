"""Orders about the model: its decision threshold, hyperparameters, and rows of a retraining."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.source import SourceError
from tests.small.playing import (
    MINUTE,
    debts_owed,
    query_value,
    sample_bytes,
    session_after,
    small_setting,
)

# -- the threshold --------------------------------------------------------------------------


def test_a_higher_threshold_predicts_fewer_positives_until_it_is_lifted(quiet):
    orders = (10, "set_threshold", {"threshold": 0.9}), (20, "set_threshold", {"lift": True})
    raised, calm = session_after(quiet, *orders), session_after(quiet)
    log, same = raised.internals.world.log, calm.internals.world.log
    assert np.array_equal(log.score, same.score)
    during = (log.at > 10.6 * MINUTE) & (log.at <= 20.5 * MINUTE)
    assert np.array_equal(log.positive[~during], same.positive[~during])
    assert np.array_equal(log.positive[during], log.score[during] > np.log(9.0))
    assert log.positive[during].mean() < same.positive[during].mean() - 0.05
    ratio = "ml_prediction_positive_ratio"
    assert query_value(raised, ratio, 20) < query_value(calm, ratio, 20) - 0.05
    assert query_value(raised, ratio, 9) == query_value(calm, ratio, 9)


def test_a_threshold_as_before_changes_no_sample(quiet):
    run = session_after(quiet, (10, "set_threshold", {"threshold": 0.5})).finish()
    calm = session_after(quiet).finish()
    assert sample_bytes(run) == sample_bytes(calm)
    assert debts_owed(run) == set()


def test_a_pipeline_declares_its_threshold():
    world = session_after(small_setting({"pipeline.model.threshold": 0.8})).internals.world
    scored = world.log.at >= world.log.at.max() - 20 * MINUTE
    assert np.array_equal(world.log.positive[scored], world.log.score[scored] > np.log(4.0))
    with pytest.raises(SourceError, match="threshold: given 1, expected more than 0 and less"):
        small_setting({"pipeline.model.threshold": 1})
