"""Specialists search one component after the other; what they are told saves looks."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.oncall.work.search import QUESTION
from tests.oncall.search_bench import Bench, organisation

ORGANISATION = organisation()
OWNED = ["lane", "bucket", "quota", "feed", "feed-key", "store"]


def test_told_nothing_they_ask_and_begin_anyway():
    bench = Bench(["feed"]).run(1)
    assert bench.texts == [("ana", "what is affected, since when, and what did you see?")]
    bench.run()
    # Four looks and one to confirm, two minutes each; the repair takes three.
    assert bench.looks == [(2, "lane"), (4, "bucket"), (6, "quota"), (8, "feed"), (10, "feed")]
    assert bench.orders == [("fix_upstream", {"target": "feed"})]
    assert bench.answers[1:] == ["feed: mended after 5 looks"]
    assert not bench.search.is_open


@pytest.mark.parametrize("page", [{"about": "feed"}, {"facts": {"suspect": "feed"}}])
def test_a_suspect_is_looked_at_first(page):
    bench = Bench(["feed"], **page).run()
    assert bench.searched == ["feed", "feed"]
    assert bench.answers == ["feed: mended after 2 looks"]


def test_evidence_saves_the_confirming_look():
    facts = {"suspect": "feed", "evidence": ["ml_feature_null_ratio: 0.7"]}
    assert Bench(["feed"], facts).run().looks == [(2, "feed")]
    # Without a suspect it is evidence for whatever is found.
    assert Bench(["bucket"], {"evidence": ["…"]}).run().searched == ["lane", "bucket"]


def test_evidence_for_another_component_saves_nothing():
    facts = {"suspect": "quota", "evidence": ["kube_resourcequota: full"]}
    assert Bench(["lane"], facts).run().searched == ["quota", "lane", "lane"]


def test_what_was_tried_comes_last():
    facts = {"tried": [3, "restarted lane and bucket.", "rotated feed-key"]}
    bench = Bench((), facts).run()
    assert bench.searched == ["quota", "store", "lane", "bucket", "feed", "feed-key"]


def test_components_with_traces_since_it_began_come_first():
    # It began 20 minutes ago, at -20; a quarter of an hour is the margin.
    traces = {"lane": -40, "quota": -34, "store": -5}
    bench = Bench((), {"since": "20m", "tried": ["store"]}, traces=traces).run()
    assert bench.searched == ["quota", "lane", "bucket", "feed", "feed-key", "store"]


def test_nothing_wrong_is_an_answer_too():
    bench = Bench((), {"impact": "checkout"}).run()
    assert bench.answers == [f"looked at {', '.join(OWNED)}: nothing wrong that is ours"]
    assert bench.orders == []


def test_a_fault_that_is_gone_at_the_second_look_is_not_mended():
    bench = Bench(["lane"], {"impact": "checkout"}).run(3)
    bench.at_fault.clear()
    bench.run()
    assert bench.searched == ["lane", *OWNED]
    assert bench.orders == []


def test_they_stop_at_the_first_fault():
    bench = Bench(["bucket", "store"], {"impact": "checkout"}).run()
    assert bench.searched == ["lane", "bucket", "bucket"]
    assert bench.at_fault == {"store"}


def test_who_was_woken_looks_half_as_long_again_the_first_time():
    assert Bench(woken=True).run(6).looks == [(3, "lane"), (5, "bucket")]


def test_a_page_that_joins_narrows_the_search():
    bench = Bench(["store"]).run(3)
    bench.join({"suspect": "store", "evidence": ["…"]})
    bench.run()
    # The look at bucket has begun.
    assert bench.looks == [(2, "lane"), (4, "bucket"), (6, "store")]


def test_another_suspect_during_the_repair_continues_the_search():
    bench = Bench(["lane", "store"]).run(5)
    bench.join({"suspect": "store", "evidence": ["…"]})
    bench.run()
    assert bench.looks == [(2, "lane"), (4, "lane"), (9, "store")]
    assert bench.at_fault == set()


def test_what_continues_a_search_in_vain_does_not_unsay_the_repair():
    bench = Bench(["lane"], {"suspect": "lane", "evidence": ["…"]}).run(3)
    bench.join({"suspect": "store"})
    healthy = "bucket, quota, feed, feed-key"
    assert bench.run().answers == [
        "lane: mended after 1 look",
        f"looked at store, {healthy}: nothing else wrong that is ours",
    ]


def test_a_node_is_a_part_of_the_cluster():
    of = organisation(teams={"data": {"owns": [*OWNED, "cluster"]}})
    assert Bench(["cluster"], {"suspect": "node-1"}, of=of).run().searched == ["cluster"] * 2


def test_a_page_about_what_they_mend_already_does_not():
    bench = Bench(["lane"]).run(5)
    bench.join({"suspect": "lane"})
    assert bench.run().searched == ["lane", "lane"]
    assert not bench.search.is_open


def test_a_suspect_that_is_not_theirs_is_handed_on_and_the_search_goes_on():
    facts = {"suspect": "store-key", "since": "20m", "evidence": ["401 of the store"]}
    bench = Bench(["lane"], facts).run()
    assert bench.searched == ["store-key", "lane", "lane"]
    kind, args = bench.orders[0]
    assert kind == "page"
    assert args == {
        "team": "security",
        "about": "store-key",
        "suspect": "store-key",
        "since": "22m",
        "evidence": ["401 of the store"],
        "text": "store-key is suspected",
    }
    assert bench.answers == [
        "store-key is not ours to look into: we paged security",
        "lane: mended after 3 looks",
    ]


def test_what_a_skill_shows_is_handed_on_to_its_owner():
    """Security's hal can look into the store and into sources."""
    bench = Bench(["feed"], {"impact": "checkout", "severity": "SEV2"}, "security").run()
    assert bench.searched == ["store-key", "store", "feed", "feed"]
    [(kind, args)] = bench.orders
    assert kind == "page"
    assert args == {
        "team": "data",
        "about": "feed",
        "suspect": "feed",
        "impact": "checkout",
        "severity": "SEV2",
        "evidence": ["state of feed: at fault"],
        "tried": ["looked at store-key: healthy", "looked at store: healthy"],
        "text": "feed is at fault",
    }
    assert bench.answers == ["feed is at fault: we paged data"]
    assert bench.search.handed_on == ["data"]


@pytest.mark.parametrize(
    ("called_by", "whom"), [(["ml"], "whom you may page"), (["night"], "whom night may page")]
)
def test_who_may_not_page_the_owner_says_who_may(called_by, whom):
    of = organisation(teams={"data": {"called_by": called_by}})
    bench = Bench(["store"], {"suspect": "store"}, "security", of=of).run()
    assert bench.orders == []
    assert bench.answers == [f"store is at fault: it is data's, {whom}, not security"]
    assert not bench.search.is_open


@pytest.mark.parametrize(
    ("suspect", "answer"), [("serving", "it is yours"), ("weather", "nobody owns it")]
)
def test_a_suspect_without_another_owner_is_not_handed_on(suspect, answer):
    bench = Bench((), {"suspect": suspect}).run()
    assert bench.orders == []
    assert bench.answers[0] == f"{suspect} is not ours to look into: {answer}"


def test_an_order_that_fails_is_told():
    outcome = ("failed", "data may not order fix_upstream; ask ml")
    bench = Bench(["lane"], {"suspect": "lane"}, outcome=outcome).run()
    assert bench.answers == [f"lane: at fault, not mended: {outcome[1]}"]
    bench = Bench(["store"], {"suspect": "store"}, "security", outcome=outcome).run()
    assert bench.answers == [f"store is at fault: {outcome[1]}"]


def test_an_alert_is_neither_asked_nor_answered():
    bench = Bench(["lane"], callers=()).run()
    assert bench.searched == ["lane", "lane"]
    assert bench.texts == []


def test_a_skill_is_a_component_or_a_kind_of_components():
    visible = organisation().visible
    assert visible("security", "hal") == ("store-key", "store", "feed")
    assert visible("data", "dee") == tuple(OWNED)
    assert visible("night", "hal") == ("scratch", "store", "feed")


def test_the_times_of_looks_are_keyed_by_their_number():
    of = organisation(teams={"data": {"look": "2m"}})
    alone = [t for t, _ in Bench(["store"], of=of).run().looks]
    with_fewer = [t for t, _ in Bench(["store"], {"tried": ["lane"]}, of=of).run().looks]
    assert with_fewer == alone[:-1]
    assert len({second - first for first, second in pairwise(alone)}) == len(alone) - 1


@settings(max_examples=40, deadline=None)
@given(
    at_fault=st.sampled_from(OWNED),
    suspect=st.none() | st.sampled_from([*OWNED, "store-key"]),
    tried=st.lists(st.sampled_from(OWNED)),
    since=st.none() | st.integers(1, 40),
    traces=st.dictionaries(st.sampled_from(OWNED), st.integers(-60, 0)),
)
def test_no_hand_off_hides_what_is_at_fault(at_fault, suspect, tried, since, traces):
    facts = {"suspect": suspect, "tried": tried, "since": since and f"{since}m"}
    stated = {key: value for key, value in facts.items() if value}
    bench = Bench([at_fault], stated, traces=traces, of=ORGANISATION).run()
    assert ("fix_upstream", {"target": at_fault}) in bench.orders
    looks = len(bench.searched)
    assert looks == len(set(bench.searched)) + 1  # to confirm
    if suspect == at_fault:
        assert looks == 2


def test_who_has_nothing_to_look_at_answers_after_a_look_s_time():
    of = organisation(teams={"security": {"owns": []}}, people={"hal": {"skills": []}})
    bench = Bench(team="security", of=of)
    bench.run(0)
    assert bench.answers == [QUESTION]
    bench.run(60)
    assert bench.answers == [QUESTION, "nothing wrong that is ours"]
    assert bench.looks == []
