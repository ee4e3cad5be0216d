"""Conditions of injects on facts, against what each of them says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.director.breaches import Breaches
from simulator.director.conditions import ActionCompleted, Facts, Mitigated, ObjectiveLasts

SCRAPE = 15_000
NAMES = ("accuracy", "latency_p99")
# At each scrape, whether each objective holds.
HISTORIES = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=12)


def facts_after(
    history: list[tuple[bool, bool]], t: int = 0, onset: int | None = None, **completed: int
) -> Facts:
    breaches = Breaches(NAMES)
    for number, states in enumerate(history, 1):
        breaches.observe(number * SCRAPE, dict(zip(NAMES, states, strict=True)))
    return Facts(t, breaches, completed, onset)


@given(HISTORIES, st.booleans(), st.integers(0, 6 * SCRAPE))
def test_an_objective_lasts_as_long_as_every_scrape_says_so(
    history: list[tuple[bool, bool]], holding: bool, lasts: int
) -> None:
    condition = ObjectiveLasts("accuracy", holding, lasts)
    states = [True, *(state for state, _ in history)]  # before the first scrape it holds
    # The last scrape, and those before it that are not longer ago.
    needed = states[max(0, len(states) - 1 - -(-lasts // SCRAPE)) :]
    enough = len(states) - 1 >= -(-lasts // SCRAPE)
    expected = enough and all(state == holding for state in needed)
    assert condition.holds(facts_after(history)) == expected


@given(HISTORIES, st.booleans(), st.integers(0, 90_000), st.integers(0, 90_000))
def test_longer_is_stronger(
    history: list[tuple[bool, bool]], holding: bool, short: int, more: int
) -> None:
    facts = facts_after(history)
    if ObjectiveLasts("accuracy", holding, short + more).holds(facts):
        assert ObjectiveLasts("accuracy", holding, short).holds(facts)


@given(HISTORIES, st.none() | st.integers(0, 200_000))
def test_mitigated_is_a_breach_after_the_first_onset_and_every_objective_inside(
    history: list[tuple[bool, bool]], onset: int | None
) -> None:
    breached = [number * SCRAPE for number, states in enumerate(history, 1) if not all(states)]
    inside = not history or all(history[-1])
    expected = onset is not None and any(t > onset for t in breached) and inside
    assert Mitigated().holds(facts_after(history, onset=onset)) == expected


@given(st.integers(0, 10), st.integers(0, 10), st.integers(0, 30))
def test_an_event_has_happened_from_its_time_on(at: int, after: int, now: int) -> None:
    condition = ActionCompleted("declared", "declare", after)
    assert condition.holds(facts_after([], now, declare=at)) == (now >= at + after)
    assert not condition.holds(facts_after([], now, diagnose=at))
