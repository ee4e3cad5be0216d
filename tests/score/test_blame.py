"""Who is to blame for a breach, where there are several faults."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simulator.run import Run
from simulator.score import grade, incidents
from simulator.score.attribution import Attribution, Identity
from simulator.score.blame import Blame, blamed, indebted
from simulator.score.endings import closed_early
from simulator.score.onsets import Onset
from simulator.score.truth import Objective
from tests.score.story import MINUTE, Story, answered, dip

GOALS = (Objective("accuracy", low=0.84), Objective("freshness", high=900.0),
         Objective("between", low=0.2, high=0.8))  # fmt: skip
BOTH = [{"id": "hours", "name": "unit_change", "at": 30 * MINUTE},
        {"id": "rush", "name": "overload", "at": 50 * MINUTE}]  # fmt: skip


# -- on arrays ---------------------------------------------------------------------------------


@st.composite
def cases(draw):
    """An objective and what it was in the run, without any fault, and without each of them."""
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
def test_every_breach_has_somebody_to_blame_and_nothing_else_has(case):
    goal, times, values, no_fault, _, onset = case
    found = blamed(*case)
    breach = ~goal.holds(values) & goal.holds(no_fault)
    assert (found.any(axis=0) == (breach & (onset[:, None] <= times).any(axis=0))).all()


@given(cases())
def test_nothing_is_blamed_on_what_has_not_set_in(case):
    _, times, _, _, _, onset = case
    assert not (blamed(*case) & (times < onset[:, None])).any()


@given(cases(), st.data())
def test_a_fault_that_changes_nothing_is_not_to_blame_for_what_another_ends(case, data):
    goal, times, values, _, without, onset = case
    idle = data.draw(st.integers(0, len(onset) - 1))
    without[idle] = values
    found = blamed(*case)
    ended = (goal.holds(without) & (onset[:, None] <= times)).any(axis=0)
    assert not (found[idle] & ended).any()


@given(cases())
def test_those_who_end_a_breach_are_to_blame_for_it_and_nobody_else(case):
    goal, times, _, _, without, onset = case
    found = blamed(*case)
    ends = goal.holds(without) & (onset[:, None] <= times)
    one = found.any(axis=0) & ends.any(axis=0)
    assert (found[:, one] == ends[:, one]).all()


@given(cases(), st.data())
def test_the_order_of_the_faults_does_not_matter(case, data):
    goal, times, values, no_fault, without, onset = case
    turn = data.draw(st.permutations(range(len(onset))))
    found = blamed(goal, times, values, no_fault, without[turn], onset[turn])
    assert (found == blamed(*case)[turn]).all()


def test_where_each_would_be_enough_those_are_to_blame_that_make_it_worse():
    near, idle, same = [0.8], [0.5], [0.5]
    found = blamed(GOALS[0], np.array([0]), np.array([0.5]), np.array([0.9]),
                   np.array([near, idle, same]), np.array([0, 0, 0]))  # fmt: skip
    assert found.ravel().tolist() == [True, False, False]


def test_no_traffic_is_the_worst_that_an_objective_can_be():
    case = (GOALS[0], np.array([0]), np.array([np.nan]), np.array([0.9]))
    assert blamed(*case, np.array([[0.1], [np.nan]]), np.array([0, 0])).ravel().tolist() == [
        True,
        False,
    ]
    assert blamed(*case, np.array([[np.nan], [np.nan]]), np.array([0, 0])).all(), "nothing tells"


@st.composite
def debts(draw):
    """Whether a debt is owed in the run, and without each of the faults."""
    faults, scrapes = draw(st.integers(1, 4)), draw(st.integers(1, 12))
    rows = draw(arrays.arrays(bool, (faults + 1, scrapes)))
    times = np.arange(scrapes) * 15_000
    onset = np.array(
        draw(st.lists(st.sampled_from([*times, 10**9]), min_size=faults, max_size=faults))
    )
    return rows[0], times, rows[1:], onset


@given(debts())
def test_what_is_owed_is_due_to_somebody_who_has_set_in_and_nothing_else_is(case):
    owed, times, _, onset = case
    found, begun = indebted(*case), onset[:, None] <= times
    assert (found.any(axis=0) == (owed & begun.any(axis=0))).all()
    assert not (found & ~begun).any()


@given(debts())
def test_what_is_owed_whichever_is_left_out_is_due_to_all(case):
    """What an order left is in every twin."""
    owed, times, without, onset = case
    found = indebted(owed, times, np.broadcast_to(owed, without.shape), onset)
    assert (found == (owed & (onset[:, None] <= times))).all()


@given(debts(), st.data())
def test_a_fault_that_leaves_nothing_owes_nothing_that_another_does(case, data):
    owed, times, without, onset = case
    idle = data.draw(st.integers(0, len(onset) - 1))
    without[idle] = owed
    others = (~without & (onset[:, None] <= times)).any(axis=0)
    assert not (indebted(owed, times, without, onset)[idle] & others).any()


# -- on runs -----------------------------------------------------------------------------------


def two(run: Story, hours: Story, rush: Story) -> Run:
    """A run with both faults; `hours` and `rush` are the accuracy without the one and the other."""
    quiet, none = Story(faults=[]).run(), Story(dip(34, 999)).fault().alert(35).run()
    twins = {
        "no-fault": quiet,
        "none": none,
        "without-hours": hours.run(),
        "without-rush": rush.run(),
    }
    return run.run(twins)


def both(accuracy, **header) -> Story:
    return Story(accuracy, faults=BOTH, **header).fault().fault(50, "rush", "overload")


def minutes(run: Run) -> dict[str, tuple[float | None, float | None]]:
    found = {}
    for incident in incidents(run):
        ends = (incident.marks.impact, incident.marks.mitigate)
        found[incident.id] = tuple(None if t is None else t / MINUTE for t in ends)
    return found


def test_what_harmed_nothing_does_not_get_the_harm_of_its_neighbour():
    run = two(both(dip(52, 70)), Story(dip(52, 70)), Story())
    assert minutes(run) == {"hours": (None, None), "rush": (52, 70)}
    blame = Blame.of(run, run.twins)
    assert (blame.harmed("hours"), blame.harmed("rush")) == ([], ["accuracy"])


def test_two_after_each_other_have_harm_of_their_own():
    values = lambda m: 0.7 if 34 <= m < 48 or 52 <= m < 70 else 0.9  # noqa: E731
    run = two(both(values), Story(dip(52, 70)), Story(dip(34, 48)))
    assert minutes(run) == {"hours": (34, 48), "rush": (52, 70)}


def test_either_would_be_enough():
    """Until 70 the one, from 52 the other; as bad as both none of them is."""
    values = lambda m: 0.6 if 52 <= m < 70 else 0.7 if 34 <= m < 90 else 0.9  # noqa: E731
    run = two(both(values), Story(dip(52, 90)), Story(dip(34, 70)))
    assert minutes(run) == {"hours": (34, 70), "rush": (52, 90)}


def test_what_lasts_until_the_end_is_not_mitigated():
    run = two(both(dip(52, 999)), Story(dip(52, 999)), Story())
    assert minutes(run)["rush"] == (52, None)
    short = two(both(dip(52, 115)), Story(dip(52, 115)), Story())
    assert minutes(short)["rush"] == (52, None), "not for the hold"


def test_without_one_of_the_twins_everything_is_as_it_was():
    run = two(both(dip(52, 70)), Story(dip(52, 70)), Story())
    del run.twins["without-rush"]
    assert minutes(run) == {"hours": (52, 70), "rush": (52, 70)}


def test_closing_what_harmed_nothing_is_not_too_early():
    run = two(both(dip(52, 70)).order(60, "close"), Story(dip(52, 70)), Story())
    hours, rush = incidents(run)
    assert not closed_early(run, hours)
    assert closed_early(run, rush)


def debt(story: Story, start: float, end: float | None, name: str = "stale_values") -> Story:
    story.at(start, "debt", "world", name=name, state="owed")
    return story if end is None else story.at(end, "debt", "world", name=name, state="paid")


def recovered(run: Run) -> list[float | None]:
    ends = [incident.marks.recover for incident in incidents(run)]
    return [None if t is None else t / MINUTE for t in ends]


def test_a_debt_keeps_only_the_fault_open_that_left_it():
    run = two(debt(both(dip(52, 70)), 40, 90), Story(dip(52, 70)), debt(Story(), 40, 90))
    assert recovered(run) == [90, 70]
    assert [i.marks.recover for i in incidents(run, {})] == [90 * MINUTE, 70 * MINUTE], "as before"
    late = two(debt(both(dip(52, 70)), 60, 90), Story(dip(52, 70)), debt(Story(), 60, 90))
    assert recovered(late) == [90, 70]
    assert [i.marks.recover for i in incidents(late, {})] == [90 * MINUTE] * 2


def test_what_an_order_left_keeps_all_of_them_open():
    def silenced(story: Story) -> Story:
        return debt(story, 60, 90, "silence")

    run = two(silenced(both(dip(52, 70))), silenced(Story(dip(52, 70))), silenced(Story()))
    assert recovered(run) == [90, 90]


def test_what_each_would_have_left_is_owed_by_both_while_it_is():
    run = two(debt(both(dip(52, 70)), 40, 90), debt(Story(dip(52, 70)), 60, 90),
              debt(Story(), 40, 80))  # fmt: skip
    assert recovered(run) == [80, 90]


def test_a_harmless_fault_is_closed_too_early_by_its_own_debts_alone():
    closed = both(dip(52, 70)).order(75, "close")
    mine = two(debt(closed, 40, None), Story(dip(52, 70)), debt(Story(), 40, None))
    assert [closed_early(mine, one) for one in incidents(mine)] == [True, False]
    closed = both(dip(52, 70)).order(75, "close")
    other = two(debt(closed, 60, None), debt(Story(dip(52, 70)), 60, None), Story())
    assert [closed_early(other, one) for one in incidents(other)] == [False, True]


def test_the_measures_name_the_slowest_fault():
    values = lambda m: 0.7 if 34 <= m < 40 or 52 <= m < 70 else 0.9  # noqa: E731
    run = two(both(values), Story(dip(52, 70)), Story(dip(34, 40)))
    found = grade(run).measures["time_to_mitigate"]
    assert (found.value, found.why) == (18 * 60, "rush: impact at 00:52, mitigation at 01:10")


# -- alerts ------------------------------------------------------------------------------------


def guilty(
    run: Run, minute: float, name: str = "FeatureDrift", since: float | None = None
) -> list[str]:
    twins, begun = Attribution(run, run.twins), None if since is None else round(since * MINUTE)
    faults = (Onset("hours", 30 * MINUTE), Onset("rush", 50 * MINUTE))
    return [
        f.id for f in faults if twins.by_fault(Identity(name), round(minute * MINUTE), f, begun)
    ]


def test_an_alert_is_caused_by_the_fault_without_which_it_does_not_fire():
    run = two(both(dip(52, 70)).alert(55, 75), Story().alert(55, 75), Story())
    assert guilty(run, 56) == ["rush"]
    assert [i.marks.alert for i in incidents(run)] == [None, 55.5 * MINUTE]


def test_an_alert_that_each_would_set_off_is_caused_by_all_that_have_set_in():
    run = two(both(dip(34, 70)).alert(35, 75), Story().alert(52, 75), Story().alert(35, 75))
    assert guilty(run, 36) == ["hours"]
    assert guilty(run, 60) == ["hours", "rush"]
    assert guilty(run, 60, since=34) == ["hours"], "it was pending before the other set in"


def test_what_only_hastens_an_alert_has_not_caused_it():
    run = two(both(dip(52, 70)).alert(55, 75), Story().alert(55.5, 75), Story())
    assert guilty(run, 55) == ["rush"]
    late = two(both(dip(52, 70)).alert(55, 75), Story().alert(57, 75), Story())
    assert guilty(late, 55) == ["hours", "rush"], "two minutes are more than an evaluation or two"


def test_an_alert_that_only_an_order_brought_about_is_nobodys():
    odd = {"name": "NoReplicas"}
    run = two(
        both(dip(52, 70)).alert(55, **odd), Story().alert(55, **odd), Story().alert(55, **odd)
    )
    assert guilty(run, 56, **odd) == []
    assert Attribution(run, run.twins).by_responder(Identity("NoReplicas"))


def test_a_page_is_about_the_fault_that_its_alert_is_about():
    run = both(dip(52, 70)).alert(55, 75).page(55.5, "sent").page(56).page(58, "acknowledged")
    hours, rush = (i.marks for i in incidents(two(run, Story(dip(52, 70)).alert(55, 75), Story())))
    assert (hours.detect, hours.acknowledge) == (None, None)
    assert (rush.detect, rush.acknowledge) == (56 * MINUTE, 58 * MINUTE)


def test_a_declaration_is_not_about_what_nobody_could_see():
    run = both(dip(52, 70)).order(54, "declare", severity="SEV3")
    hours, rush = (i.marks for i in incidents(two(run, Story(dip(52, 70)), Story())))
    assert (hours.declare, hours.detect) == (54 * MINUTE, None)
    assert (rush.declare, rush.detect) == (54 * MINUTE, 54 * MINUTE)


# -- the verdict -------------------------------------------------------------------------------


def test_the_verdict_is_the_same_with_any_twins():
    """The page of the quiet alert was taken late; only twins know that it was about nothing."""
    limits = {
        "cause": "data.unit_change",
        "mitigate_within": 20 * MINUTE,
        "acknowledge_within": MINUTE,
    }
    cases = [both(dip(52, 70), expect=limits).alert(35, 40).page(36).page(60, "acknowledged"),
             answered(expect=limits), answered(end=999, expect=limits)]  # fmt: skip
    for story in cases:
        run = two(story, Story(dip(52, 70)).alert(35, 40), Story())
        pairs = [{}, {"no-fault": run.twins["no-fault"], "none": run.twins["none"]}, run.twins]
        assert len({(grade(run, twins).verdict, grade(run, twins).why) for twins in pairs}) == 1
