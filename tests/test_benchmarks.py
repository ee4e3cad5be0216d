"""`make bench` is not a test, but the functions that it times must exist."""

import pytest

from tests.benchmarks.bench import SUBJECTS
from tests.benchmarks.tick_time import SYSTEMS, timed


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_timed_function_exists(system):
    assert all(callable(getattr(owner, name)) for owner, name in SYSTEMS[system])


def test_timing_restores_the_functions():
    owner, name = SYSTEMS["serving"][0]
    plain = getattr(owner, name)
    with timed():
        assert getattr(owner, name) is not plain
    assert getattr(owner, name) is plain


def test_every_subject_has_a_description():
    assert all(about and callable(measure) for measure, about in SUBJECTS.values())
