"""The director decides on every inject once, within its times, whatever the others do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.director.breaches import Breaches
from simulator.director.conditions import (
    ActionCompleted,
    BoundCondition,
    Facts,
    Mitigated,
    ObjectiveLasts,
)
from simulator.director.director import Director
from simulator.director.injects import BoundInject
from simulator.director.phases import Phases

TICKS, WARM_UP, FIRST_ONSET = 20, 3, 5
TIMES = st.integers(0, TICKS - 1)
CONDITIONS: st.SearchStrategy[BoundCondition] = st.one_of(
    st.builds(ActionCompleted, st.just("declared"), st.just("declare"), st.integers(0, 3)),
    st.builds(ObjectiveLasts, st.just("accuracy"), st.booleans(), st.integers(0, 4)),
    st.just(Mitigated()),
)


@st.composite
def messages(draw: st.DrawFn) -> BoundInject:
    at, when, unless = draw(TIMES), draw(st.none() | CONDITIONS), draw(st.none() | CONDITIONS)
    latest = draw(st.none() | TIMES) if when is not None else None
    id = draw(st.sampled_from("abcdefgh"))
    return BoundInject(id, "message", "primary", "", {}, at, when, latest, unless)


# Whether accuracy holds at each scrape; a tick is a scrape here.
WORLDS = st.lists(st.booleans(), min_size=TICKS, max_size=TICKS)
Decisions = dict[str, tuple[str, int]]


def decide(
    injects: list[BoundInject], world: list[bool], declared: int | None
) -> tuple[Decisions, list[str]]:
    """What became of each inject and when, and the phases."""
    director, breaches = Director(injects, WARM_UP), Breaches(["accuracy"])
    decisions: Decisions = {}
    phases = []
    for t, holds in enumerate(world):
        breaches.observe(t, {"accuracy": holds})
        completed = {} if declared is None or t < declared else {"declare": declared}
        cue = director.cue(Facts(t, breaches, completed, FIRST_ONSET if t > FIRST_ONSET else None))
        phases += cue.phases
        started, dropped = cue.injects, [drop.inject for drop in cue.dropped]
        for outcome, decided in (("started", started), ("dropped", dropped)):
            for inject in decided:
                assert inject.id not in decisions
                decisions[inject.id] = (outcome, t)
    for drop in director.end():
        assert drop.inject.id not in decisions
        decisions[drop.inject.id] = ("waits", TICKS)
    return decisions, phases


@given(
    st.lists(messages(), max_size=5, unique_by=lambda inject: inject.id),
    WORLDS,
    st.none() | TIMES,
)
def test_every_inject_is_decided_on_once_and_by_itself(
    injects: list[BoundInject], world: list[bool], declared: int | None
) -> None:
    decisions, _ = decide(injects, world, declared)
    assert set(decisions) == {inject.id for inject in injects}
    for inject in injects:
        alone, _ = decide([inject], world, declared)
        assert alone[inject.id] == decisions[inject.id]
        outcome, t = decisions[inject.id]
        if inject.when is None:
            assert t == inject.at
        elif outcome == "started":
            assert t >= max(inject.at, WARM_UP)
            assert inject.latest is None or t <= inject.latest
        if inject.unless is None and inject.when is None:
            assert outcome == "started"


@given(WORLDS, st.none() | TIMES, CONDITIONS, TIMES)
def test_when_starts_what_the_same_unless_drops(
    world: list[bool], declared: int | None, condition: BoundCondition, at: int
) -> None:
    """At one time, of two injects with the same condition exactly one starts."""
    once = [
        BoundInject("when", "message", "", "", {}, at, when=condition, latest=at),
        BoundInject("unless", "message", "", "", {}, at, unless=condition),
    ]
    decisions, _ = decide(once, world, declared)
    if at >= WARM_UP:
        assert {outcome for outcome, _ in decisions.values()} == {"started", "dropped"}


@given(TIMES, st.none() | TIMES)
def test_the_phases_begin_in_order(warm_up: int, fault: int | None) -> None:
    phases = Phases(warm_up)
    begun = {name: t for t in range(TICKS) for name in phases.begin(t, fault_starts=t == fault)}
    expected = {"warm-up": 0, "baseline": warm_up}
    if fault is not None:
        expected["injects"] = max(warm_up, fault)
    assert begun == expected
    assert list(begun) == list(expected)
