"""The arithmetic of an escalation's quality, by the vectors of its definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.score.escalation_parts import (
    WEIGHTS,
    EscalationParts,
    decision_part,
    f_score,
    hops_part,
    severity_credit,
)
from simulator.score.utility import TimeLimits, utility

MINUTE = 60_000
LIMITS = TimeLimits(5 * MINUTE, 30 * MINUTE)
shares = st.floats(0, 1)
counts = st.integers(0, 6)


def late(minutes):
    return utility(minutes * MINUTE, LIMITS)


def target(true, false=0, missing=0):
    return f_score(true, false, missing, beta=2)


IDEAL = EscalationParts()
LATE = EscalationParts(
    target=target(1, 1), timeliness=late(12), severity=severity_credit(4, 3),
    handoff=f_score(6, 0, 3),
)  # fmt: skip
ASTRAY = EscalationParts(
    target=target(1, 2), timeliness=late(25), handoff=f_score(3, 1, 6), hops=hops_part(2)
)
NEEDLESS = EscalationParts(decision=decision_part(False, True), severity=severity_credit(2, 3))


@pytest.mark.parametrize(
    ("parts", "quality"),
    [
        (IDEAL, 1.0),
        (LATE, 0.7349),
        (ASTRAY, 0.5087),
        (NEEDLESS, 0.8338),
        (EscalationParts(handoff=0.0), 0.5012),
        (EscalationParts(0, 0, 0, 0, 0, 0, 0), 0.01),
    ],
)
def test_quality(parts, quality):
    assert parts.quality == pytest.approx(quality, abs=5e-5)


def test_the_weights_add_up_to_1():
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert tuple(WEIGHTS) == EscalationParts._fields


@given(st.tuples(*[shares] * 7))
def test_quality_is_between_the_floor_and_the_best_part(parts):
    quality = EscalationParts(*parts).quality
    assert 0.01 - 1e-9 <= quality <= max(0.01, *parts) + 1e-9


@given(st.tuples(*[shares] * 7), st.integers(0, 6), shares)
def test_a_better_part_never_lowers_the_quality(parts, index, better):
    raised = [*parts]
    raised[index] = max(parts[index], better)
    assert EscalationParts(*raised).quality >= EscalationParts(*parts).quality - 1e-12


@given(counts, counts, counts)
def test_one_wrong_team_more_never_raises_the_target(true, false, missing):
    assert 0 <= target(true, false + 1, missing) <= target(true, false, missing) <= 1


@given(st.integers(1, 5), st.integers(1, 5))
def test_a_severity_too_low_is_at_least_as_bad_as_one_too_high(first, second):
    low, high = max(first, second), min(first, second)
    assert 0 <= severity_credit(low, high) <= severity_credit(high, low) <= 1
