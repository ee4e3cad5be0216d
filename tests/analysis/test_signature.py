"""The signature of a fault: the series that it moves."""

import numpy as np

from simulator.analysis.signature import signature_of
from simulator.session import Session
from tests.small.playing import MINUTE, NULLS, play_orders


def test_missing_values_show_in_the_null_ratio(drill):
    setting = drill(NULLS)
    run = play_orders(setting)
    no_fault = Session(setting, 1, twin="no-fault")
    no_fault.door(no_fault.plays)
    while no_fault.now < no_fault.ends:
        no_fault.advance(no_fault.ends)
        no_fault.door(no_fault.plays).seen()
    signature = signature_of(run, no_fault.finish(), 10 * MINUTE)
    assert "ml_feature_null_ratio" in [series.metric for series in signature]
    for series in signature:
        before = series.times < 10 * MINUTE
        np.testing.assert_array_equal(series.with_fault[before], series.without[before])
        assert series.effect > 0


def test_a_run_has_no_signature_against_itself(drill):
    run = play_orders(drill(NULLS))
    assert signature_of(run, run, 10 * MINUTE) == []
