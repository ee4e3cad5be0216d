"""The right severity of a run, by its observable impact or its author, and the declared one."""

import numpy as np
import pytest

from simulator.analysis import Timeline
from simulator.analysis.observable_impact import ObservableImpact
from simulator.analysis.truth import Truth
from simulator.run import Header, Run
from simulator.run.header import GradedObjective, ImpactBound
from tests.analysis.story import MINUTE, Story, answered

OBJECTIVES = {
    "availability": GradedObjective("ratio", min=0.995),
    "accuracy": GradedObjective("ratio", min=0.84),
    "latency_p99": GradedObjective("seconds", max=0.4),
}
# SEV1: burn 14.4 or a fifth of all customers. SEV2: burn 6 for 10 min. SEV3: anything outside.
LADDER = [
    {"severity": "SEV1", "any_of": [{"burn": 14.4}, {"customers": 0.2}]},
    {"severity": "SEV2", "all_of": [{"burn": 6}, {"outside": 10 * MINUTE}]},
    {"severity": "SEV3", "any_of": [{"outside": 0}]},
]


def impact(*rows, warm_up=0):
    """The impact of availability, accuracy and latency at scrapes every 15 s."""
    header = Header(0, "run", objectives=OBJECTIVES, warm_up=warm_up)
    columns = np.array(rows, dtype=float).T
    truth = dict(zip(OBJECTIVES, columns, strict=True))
    times = np.arange(15_000, 15_000 * len(rows) + 1, 15_000)
    return ObservableImpact.of(Truth(Run([header], {}, times, truth, "")))


@pytest.mark.parametrize(
    ("row", "burn", "customers"),
    [
        ((1.0, 0.9, 0.3), 0.625, 0.0),  # accuracy: .1 of .16
        ((0.95, 0.9, 0.3), 10.0, 0.05),  # availability: .05 of .005
        ((0.995, 0.84, 0.3), 1.0, 0.005),  # as fast as allowed
        ((1.0, 0.68, 0.3), 2.0, 0.16),  # .16 more wrong answers than allowed
        ((0.5, 0.64, 0.3), 100.0, 0.6),  # half unanswered, a fifth of the others wrong
        ((np.nan, np.nan, np.nan), 200.0, 1.0),  # nothing is served
    ],
)
def test_burn_and_customers(row, burn, customers):
    seen = impact(row)
    assert (seen.burn[0], seen.customers[0]) == (pytest.approx(burn), pytest.approx(customers))


def test_how_long_any_objective_has_been_outside():
    good, slow, both = (1, 0.9, 0.3), (1, 0.9, 0.5), (0.9, 0.9, 0.5)
    seen = impact(good, slow, both, (0.9, 0.9, 0.3), good, slow)
    # The latency for 15 s, then the availability that followed it for 15 s.
    assert seen.outside.tolist() == [-1, 0, 15_000, 15_000, -1, 0]
    assert seen.reaches(ImpactBound(outside=0)).tolist() == [False, True, True, True, False, True]


def test_the_warm_up_has_no_impact():
    seen = impact((0.5, 0.5, 1.0), (0.5, 0.5, 1.0), (0.5, 0.5, 1.0), warm_up=30_000)
    assert seen.outside.tolist() == [-1, 0, 15_000]
    assert seen.burn[0] == seen.customers[0] == 0


def path(changes):
    return [(change.t / MINUTE, change.severity) for change in changes]


def accuracy(minute):
    """Minutes 30 to 60: a burn of 1.25 at first, from 45 on .24 of all customers."""
    return 0.8 if 30 <= minute < 45 else 0.6 if 45 <= minute < 60 else 0.9


def test_the_ladder_makes_the_severity_at_every_scrape():
    assert path(Timeline(Story(accuracy, ladder=LADDER).run()).right_severity) == [
        (0, "SEV5"), (30, "SEV3"), (45, "SEV1"), (60, "SEV5"),
    ]  # fmt: skip


def test_all_bounds_have_to_be_reached():
    """A burn of 1.25 of 1, and outside for 10 min."""
    rule = {"severity": "SEV2", "all_of": [{"burn": 1}, {"outside": 10 * MINUTE}]}
    assert path(Timeline(Story(accuracy, ladder=[rule]).run()).right_severity) == [
        (0, "SEV5"), (40, "SEV2"), (60, "SEV5"),
    ]  # fmt: skip


AUTHOR = [
    {"reason": "severity", "since": 0, "severity": "SEV3"},
    {"reason": "severity", "since": 20 * MINUTE, "severity": "SEV2"},
]


def test_the_author_overrides_the_ladder_from_the_impact_to_the_recovery():
    story = answered(60, needs=AUTHOR, ladder=LADDER)
    story.at(40, "debt", "world", name="fallback", state="owed")
    story.at(70, "debt", "world", name="fallback", state="paid")
    assert path(Timeline(story.run()).right_severity) == [
        (0, "SEV5"), (34, "SEV3"), (54, "SEV2"), (70, "SEV5"),
    ]  # fmt: skip


def test_without_breach_the_author_counts_from_the_first_page():
    story = Story(needs=AUTHOR).fault().page(36, "sent").page(36.5)
    assert path(Timeline(story.run()).right_severity) == [(0, "SEV5"), (36, "SEV3"), (56, "SEV2")]
    assert path(Timeline(Story(needs=AUTHOR).run()).right_severity) == [(0, "SEV5")]


def test_the_author_may_say_that_there_is_no_incident():
    needs = [{"reason": "severity", "since": 0, "severity": "SEV5"}]
    assert path(Timeline(answered(needs=needs, ladder=LADDER).run()).right_severity) == [
        (0, "SEV5")
    ]


def test_neither_author_nor_ladder_says():
    assert path(Timeline(answered().run()).right_severity) == []


def test_the_declared_severity_is_the_worst_of_the_open_incidents():
    story = answered().order(36, "declare", severity="SEV3", incident="old")
    story.order(40, "declare", severity="SEV1", incident="new").order(45, "close", incident="new")
    story.order(50, "declare", severity="SEV4", incident="old").order(55, "close")
    assert path(Timeline(story.run()).declared_severity) == [
        (0, "SEV5"), (36, "SEV3"), (40, "SEV1"), (45, "SEV3"), (50, "SEV4"), (55, "SEV5"),
    ]  # fmt: skip
