"""`make bench` is no test, but what it clocks has to be there."""

import pytest

from tests.benchmarks.bench import SUBJECTS
from tests.benchmarks.tick_time import SYSTEMS, clocked


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_is_looked_up_where_it_is_called(system):
    assert all(callable(getattr(owner, name)) for owner, name in SYSTEMS[system])


def test_clocks_are_taken_off_again():
    owner, name = SYSTEMS["serving"][0]
    plain = getattr(owner, name)
    with clocked():
        assert getattr(owner, name) is not plain
    assert getattr(owner, name) is plain


def test_every_subject_says_what_it_measures():
    assert all(about and callable(measure) for measure, about in SUBJECTS.values())
