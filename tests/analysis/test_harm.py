"""Breaches, debts and alerts attributed to several faults."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simulator.analysis import Timeline
from simulator.analysis.alert_spans import AlertIdentity
from simulator.analysis.harm import attribute_breaches, attribute_debts
from simulator.analysis.marks import Incident
from simulator.analysis.onsets import Onset
from simulator.analysis.truth import Objective
from simulator.run import Run
from simulator.score import grade
from simulator.score.endings import closed_early
from tests.analysis.story import BOTH, MINUTE, Story, answered, dip

GOALS = (Objective("accuracy", low=0.84), Objective("freshness", high=900.0),
         Objective("between", low=0.2, high=0.8))  # fmt: skip


# -- on arrays ---------------------------------------------------------------------------------


@st.composite
def cases(draw):
    """An objective and its values in the run, without any fault, and without each fault."""
    faults, scrapes = draw(st.integers(1, 4)), draw(st.integers(1, 12))
    goal = draw(st.sampled_from(GOALS))
    near = [goal.limit + step * goal.limit / 4 for step in (-2, -1, 0, 1, 2)]
    values = st.sampled_from([*near, np.nan])
    rows = draw(arrays.arrays(float, (faults + 2, scrapes), elements=values))
    times = np.arange(scrapes) * 15_000
    onset = np.array(
        draw(st.lists(st.sampled_from([*times, 10**9]), min_size=faults, max_size=faults))
    )
    return goal, times, rows[0], rows[1], rows[2:], onset


@given(cases())
def test_breaches_and_only_breaches_are_attributed(case):
    goal, times, values, no_fault, _, onset = case
    attributed, begun = attribute_breaches(*case), onset[:, None] <= times
    breach = ~goal.holds(values) & goal.holds(no_fault)
    assert (attributed.any(axis=0) == (breach & begun.any(axis=0))).all()
    assert not (attributed & ~begun).any()


@given(cases())
def test_a_breach_is_attributed_to_exactly_the_faults_it_needs(case):
    goal, times, _, _, without, onset = case
    attributed = attribute_breaches(*case)
    needed = goal.holds(without) & (onset[:, None] <= times)
    scrapes = attributed.any(axis=0) & needed.any(axis=0)
    assert (attributed[:, scrapes] == needed[:, scrapes]).all()


@given(cases(), st.data())
def test_the_order_of_the_faults_does_not_matter(case, data):
    goal, times, values, no_fault, without, onset = case
    order = data.draw(st.permutations(range(len(onset))))
    attributed = attribute_breaches(goal, times, values, no_fault, without[order], onset[order])
    assert (attributed == attribute_breaches(*case)[order]).all()


def test_where_each_fault_is_enough_the_breach_is_attributed_to_those_that_worsen_it():
    near, idle, same = [0.8], [0.5], [0.5]
    attributed = attribute_breaches(GOALS[0], np.array([0]), np.array([0.5]), np.array([0.9]),
                   np.array([near, idle, same]), np.array([0, 0, 0]))  # fmt: skip
    assert attributed.ravel().tolist() == [True, False, False]


def test_no_traffic_is_worse_than_any_value():
    case = (GOALS[0], np.array([0]), np.array([np.nan]), np.array([0.9]))
    assert attribute_breaches(
        *case, np.array([[0.1], [np.nan]]), np.array([0, 0])
    ).ravel().tolist() == [
        True,
        False,
    ]
    assert attribute_breaches(*case, np.array([[np.nan], [np.nan]]), np.array([0, 0])).all(), (
        "no criterion picks a fault"
    )


@st.composite
def debts(draw):
    """Whether a debt is owed in the run, and without each fault."""
    faults, scrapes = draw(st.integers(1, 4)), draw(st.integers(1, 12))
    rows = draw(arrays.arrays(bool, (faults + 1, scrapes)))
    times = np.arange(scrapes) * 15_000
    onset = np.array(
        draw(st.lists(st.sampled_from([*times, 10**9]), min_size=faults, max_size=faults))
    )
    return rows[0], times, rows[1:], onset


@given(debts())
def test_debts_and_only_debts_are_attributed(case):
    owed, times, _, onset = case
    attributed, begun = attribute_debts(*case), onset[:, None] <= times
    assert (attributed.any(axis=0) == (owed & begun.any(axis=0))).all()
    assert not (attributed & ~begun).any()


@given(debts())
def test_a_debt_owed_in_every_twin_is_attributed_to_all_faults(case):
    """The debt of an order is in every twin."""
    owed, times, without, onset = case
    attributed = attribute_debts(owed, times, np.broadcast_to(owed, without.shape), onset)
    assert (attributed == (owed & (onset[:, None] <= times))).all()


@given(debts(), st.data())
def test_a_debt_that_needs_another_fault_is_not_attributed_to_an_idle_one(case, data):
    owed, times, without, onset = case
    idle = data.draw(st.integers(0, len(onset) - 1))
    without[idle] = owed
    others = (~without & (onset[:, None] <= times)).any(axis=0)
    assert not (attribute_debts(owed, times, without, onset)[idle] & others).any()


# -- on runs -----------------------------------------------------------------------------------


def incidents(run: Run) -> Sequence[Incident]:
    return Timeline(run).incidents


def early_closes(run: Run) -> list[bool]:
    """Whether each incident was closed too early."""
    timeline = Timeline(run)
    return [closed_early(timeline, incident) for incident in timeline.incidents]


def two(run: Story, hours: Story, rush: Story) -> Run:
    """A run with both faults; `hours` and `rush` are the twins without that fault."""
    no_fault, none = Story(faults=[]).run(), Story(dip(34, 999)).fault().alert(35).run()
    twins = {
        "no-fault": no_fault,
        "none": none,
        "without-hours": hours.run(),
        "without-rush": rush.run(),
    }
    return run.run(twins)


def both(accuracy, **header) -> Story:
    return Story(accuracy, faults=BOTH, **header).fault().fault(50, "rush", "overload")


def minutes(run: Run) -> dict[str, tuple[float | None, float | None]]:
    """Impact and mitigation of each fault."""
    by_fault = {}
    for incident in Timeline(run).incidents:
        times = (incident.marks.impact, incident.marks.mitigate)
        by_fault[incident.id] = tuple(None if t is None else t / MINUTE for t in times)
    return by_fault


def test_a_harmless_fault_does_not_get_the_harm_of_another():
    run = two(both(dip(52, 70)), Story(dip(52, 70)), Story())
    assert minutes(run) == {"hours": (None, None), "rush": (52, 70)}
    harm = Timeline(run).harm
    assert (harm.breached_objectives("hours"), harm.breached_objectives("rush")) == (
        [],
        ["accuracy"],
    )


def test_two_faults_after_each_other_have_separate_harm():
    values = lambda m: 0.7 if 34 <= m < 48 or 52 <= m < 70 else 0.9  # noqa: E731
    run = two(both(values), Story(dip(52, 70)), Story(dip(34, 48)))
    assert minutes(run) == {"hours": (34, 48), "rush": (52, 70)}


def test_a_breach_for_which_either_fault_is_enough():
    """The first harms until 70, the second from 52; together they are worse than either."""
    values = lambda m: 0.6 if 52 <= m < 70 else 0.7 if 34 <= m < 90 else 0.9  # noqa: E731
    run = two(both(values), Story(dip(52, 90)), Story(dip(34, 70)))
    assert minutes(run) == {"hours": (34, 70), "rush": (52, 90)}


def test_a_breach_that_lasts_until_the_end_is_not_mitigated():
    run = two(both(dip(52, 999)), Story(dip(52, 999)), Story())
    assert minutes(run)["rush"] == (52, None)
    short = two(both(dip(52, 115)), Story(dip(52, 115)), Story())
    assert minutes(short)["rush"] == (52, None), "shorter than the hold"


def test_with_a_missing_twin_faults_are_not_separated():
    run = two(both(dip(52, 70)), Story(dip(52, 70)), Story())
    del run.twins["without-rush"]
    assert minutes(run) == {"hours": (52, 70), "rush": (52, 70)}


def test_a_harmless_fault_is_not_closed_too_early():
    run = two(both(dip(52, 70)).order(60, "close"), Story(dip(52, 70)), Story())
    hours, rush = Timeline(run).incidents
    assert not closed_early(Timeline(run), hours)
    assert closed_early(Timeline(run), rush)


def debt(story: Story, start: float, end: float | None, name: str = "stale_values") -> Story:
    story.at(start, "debt", "world", name=name, state="owed")
    return story if end is None else story.at(end, "debt", "world", name=name, state="paid")


def recovered(run: Run) -> list[float | None]:
    ends = [incident.marks.recover for incident in Timeline(run).incidents]
    return [None if t is None else t / MINUTE for t in ends]


def test_a_debt_keeps_only_its_own_fault_open():
    run = two(debt(both(dip(52, 70)), 40, 90), Story(dip(52, 70)), debt(Story(), 40, 90))
    assert recovered(run) == [90, 70]
    assert [i.marks.recover for i in Timeline(run, {}).incidents] == [90 * MINUTE, 70 * MINUTE], (
        "not separated"
    )
    late = two(debt(both(dip(52, 70)), 60, 90), Story(dip(52, 70)), debt(Story(), 60, 90))
    assert recovered(late) == [90, 70]
    assert [i.marks.recover for i in Timeline(late, {}).incidents] == [90 * MINUTE] * 2


def test_the_debt_of_an_order_keeps_all_faults_open():
    def silenced(story: Story) -> Story:
        return debt(story, 60, 90, "silence")

    run = two(silenced(both(dip(52, 70))), silenced(Story(dip(52, 70))), silenced(Story()))
    assert recovered(run) == [90, 90]


def test_a_debt_for_which_either_fault_is_enough_keeps_both_open():
    run = two(debt(both(dip(52, 70)), 40, 90), debt(Story(dip(52, 70)), 60, 90),
              debt(Story(), 40, 80))  # fmt: skip
    assert recovered(run) == [80, 90]


def test_a_harmless_fault_is_closed_too_early_by_its_own_debts_alone():
    closed = both(dip(52, 70)).order(75, "close")
    own = two(debt(closed, 40, None), Story(dip(52, 70)), debt(Story(), 40, None))
    assert early_closes(own) == [True, False]
    closed = both(dip(52, 70)).order(75, "close")
    other = two(debt(closed, 60, None), debt(Story(dip(52, 70)), 60, None), Story())
    assert early_closes(other) == [False, True]


def test_the_measures_name_the_slowest_fault():
    values = lambda m: 0.7 if 34 <= m < 40 or 52 <= m < 70 else 0.9  # noqa: E731
    run = two(both(values), Story(dip(52, 70)), Story(dip(34, 40)))
    measured = grade(Timeline(run)).measures["time_to_mitigate"]
    assert (measured.value, measured.why) == (18 * 60, "rush: impact at 00:52, mitigation at 01:10")


# -- alerts ------------------------------------------------------------------------------------


def causes(
    run: Run, minute: float, name: str = "FeatureDrift", since: float | None = None
) -> list[str]:
    """The faults that caused an alert."""
    attribution = Timeline(run).attribution
    pending_since = None if since is None else round(since * MINUTE)
    faults = (Onset("hours", 30 * MINUTE), Onset("rush", 50 * MINUTE))
    return [
        f.id
        for f in faults
        if attribution.caused_by(AlertIdentity(name), round(minute * MINUTE), f, pending_since)
    ]


def test_an_alert_is_caused_by_the_fault_that_it_needs():
    run = two(both(dip(52, 70)).alert(55, 75), Story().alert(55, 75), Story())
    assert causes(run, 56) == ["rush"]
    assert [i.marks.alert for i in Timeline(run).incidents] == [None, 55.5 * MINUTE]


def test_an_alert_for_which_each_fault_is_enough_is_caused_by_all_that_have_begun():
    run = two(both(dip(34, 70)).alert(35, 75), Story().alert(52, 75), Story().alert(35, 75))
    assert causes(run, 36) == ["hours"]
    assert causes(run, 60) == ["hours", "rush"]
    assert causes(run, 60, since=34) == ["hours"], "it was pending before the other began"


def test_a_fault_that_only_hastens_an_alert_did_not_cause_it():
    run = two(both(dip(52, 70)).alert(55, 75), Story().alert(55.5, 75), Story())
    assert causes(run, 55) == ["rush"]
    late = two(both(dip(52, 70)).alert(55, 75), Story().alert(57, 75), Story())
    assert causes(late, 55) == ["hours", "rush"], "two minutes are more than an evaluation or two"


def test_an_alert_caused_by_an_order_is_caused_by_no_fault():
    odd = {"name": "NoReplicas"}
    run = two(
        both(dip(52, 70)).alert(55, **odd), Story().alert(55, **odd), Story().alert(55, **odd)
    )
    assert causes(run, 56, **odd) == []
    assert Timeline(run).attribution.caused_by_responder(AlertIdentity("NoReplicas"))


def test_a_page_is_about_the_fault_that_caused_its_alert():
    run = both(dip(52, 70)).alert(55, 75).page(55.5, "sent").page(56).page(58, "acknowledged")
    hours, rush = (i.marks for i in incidents(two(run, Story(dip(52, 70)).alert(55, 75), Story())))
    assert (hours.detect, hours.acknowledge) == (None, None)
    assert (rush.detect, rush.acknowledge) == (56 * MINUTE, 58 * MINUTE)


def test_a_declaration_is_not_about_an_invisible_fault():
    run = both(dip(52, 70)).order(54, "declare", severity="SEV3")
    hours, rush = (i.marks for i in incidents(two(run, Story(dip(52, 70)), Story())))
    assert (hours.declare, hours.detect) == (54 * MINUTE, None)
    assert (rush.declare, rush.detect) == (54 * MINUTE, 54 * MINUTE)


# -- the verdict -------------------------------------------------------------------------------


def test_the_verdict_is_the_same_with_any_twins():
    """The first page was acknowledged late; only the twins show that no fault caused it."""
    limits = {
        "cause": ["data.unit_change"],
        "mitigate_within": 20 * MINUTE,
        "acknowledge_within": MINUTE,
    }
    cases = [both(dip(52, 70), expect=limits).alert(35, 40).page(36).page(60, "acknowledged"),
             answered(expect=limits), answered(end=999, expect=limits)]  # fmt: skip
    for story in cases:
        run = two(story, Story(dip(52, 70)).alert(35, 40), Story())
        pairs = [{}, {"no-fault": run.twins["no-fault"], "none": run.twins["none"]}, run.twins]
        assert (
            len(
                {
                    (grade(Timeline(run, twins)).verdict, grade(Timeline(run, twins)).why)
                    for twins in pairs
                }
            )
            == 1
        )
