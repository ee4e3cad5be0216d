"""What follows from a declared severity: duties, and readers who ask for news."""

import pytest

from simulator.responders import drive
from simulator.run.events import MessageEvent
from simulator.session import Session
from tests.small.playing import MINUTE, Orders, play_orders

SEVERITIES = {
    "SEV1": {
        "when": {"any": [{"customers": 0.2}]},
        "inform": ["support", "product"],
        "roles": ["commander", "communications"],
        "update_every": "5m",
    },
    "SEV2": {"when": {"any": [{"customers": 0.05}]}, "update_every": "10m"},
    "SEV3": {"when": {"any": [{"customers": 0.01}]}, "inform": ["support"]},
    "SEV4": {"when": {"any": [{"customers": 0.001}]}},
}


@pytest.fixture
def ladder(drill):
    """The small drill with a ladder of severities, for 23 minutes."""
    return drill(oncall__severities=SEVERITIES, duration="23m")


def declare(minute, severity, **more):
    return minute, "declare", {"severity": severity, **more}


def update(minute, **more):
    return minute, "status_update", {"text": "we are on it", **more}


def questions(setting, *orders):
    """The minutes at which readers ask the played team."""
    return [event.t / MINUTE for event in asked(play_orders(setting, *orders))]


def asked(run):
    return [event for event in run.of(MessageEvent) if event.text.startswith("Customers ask")]


@pytest.mark.parametrize(
    ("severity", "duties"),
    [
        ("SEV1", "inform support and product; assign commander and communications; "
                 "send a status update every 5 min"),
        ("SEV3", "inform support"),
    ],
)  # fmt: skip
def test_the_team_hears_what_a_severity_asks_of_it(severity, duties, ladder):
    session, ml = Session(ladder, 1), Orders(declare(6, severity))
    drive(session, {"ml": ml})
    news = [item.data for item in ml.news if item.kind == "message"]
    assert news[0] == {"from": "on-call file", "text": f"{severity}: {duties}"}
    logged = next(iter(session.finish().of(MessageEvent)))
    assert (logged.t, logged.who, logged.to) == (6 * MINUTE, "on-call file", "ml")


@pytest.mark.parametrize("orders", [[declare(6, "SEV4")], [declare(6, "SEV5")]])
def test_a_severity_without_duties_is_no_news(orders, ladder):
    assert list(play_orders(ladder, *orders).of(MessageEvent)) == []


def test_the_same_severity_again_is_no_news(ladder):
    run = play_orders(ladder, declare(6, "SEV3"), declare(7, "SEV3"), declare(8, "SEV2"))
    assert [event.text[:4] for event in run.of(MessageEvent)][:2] == ["SEV3", "SEV2"]


def test_without_a_ladder_nothing_follows(quiet):
    assert list(play_orders(quiet, declare(6, "SEV1")).of(MessageEvent)) == []


# -- overdue updates -----------------------------------------------------------------------------


def test_a_reader_asks_in_every_interval_without_an_update(ladder):
    events = asked(play_orders(ladder, declare(6, "SEV1")))
    assert [event.t / MINUTE for event in events] == [11, 16, 21]
    assert {(event.who, event.to) for event in events} == {("support", "ml")}
    question = "what is the state? By now SEV1 has stood for"
    assert [event.text for event in events[:2]] == [
        f"Customers ask: {question} 5 min without a status update.",
        f"Customers ask again: {question} 10 min without a status update.",
    ]


def test_the_players_get_the_question(ladder):
    session, ml = Session(ladder, 1), Orders(declare(6, "SEV2"))
    drive(session, {"ml": ml})
    # Nobody is to be informed of this severity: customers ask themselves.
    senders = [(item.t / MINUTE, item.data["from"]) for item in ml.news if item.kind == "message"]
    assert senders == [(6, "on-call file"), (16, "customers")]


def test_an_update_starts_the_interval_anew(ladder):
    """An update takes half a minute to write."""
    events = asked(play_orders(ladder, declare(6, "SEV1"), update(10), update(15)))
    assert [event.t / MINUTE for event in events] == [20.5]
    assert "By now the last status update is 5 min old" in events[0].text


@pytest.mark.parametrize(
    ("severity", "to", "minutes"),
    [
        ("SEV1", ["ml"], [11, 16, 21]),  # the team itself
        ("SEV1", ["command"], [11, 16, 21]),  # none of those who must be informed
        ("SEV1", ["product"], [15.5, 20.5]),
        ("SEV2", ["ml"], [16]),
        ("SEV2", ["command"], [20.5]),  # nobody in particular must be informed
    ],
)
def test_an_update_counts_for_those_who_wait_for_it(severity, to, minutes, ladder):
    assert questions(ladder, declare(6, severity), update(10, to=to)) == minutes


@pytest.mark.parametrize(
    ("orders", "minutes"),
    [
        ([declare(13, "SEV3")], [11]),  # a severity without a cadence
        ([declare(12, "SEV2")], [11, 22]),  # another cadence, from its declaration on
        ([(13, "close", {})], [11]),
        ([(13, "close", {}), declare(17, "SEV1")], [11, 22]),
        ([declare(13, "SEV1")], [11, 16, 21]),  # as it was
    ],
)
def test_questions_stop_with_what_asked_for_them(orders, minutes, ladder):
    assert questions(ladder, declare(6, "SEV1"), *orders) == minutes


def test_the_worst_of_several_open_incidents_counts(ladder):
    both = declare(6, "SEV1", incident="rows"), declare(6.5, "SEV3", incident="nodes")
    assert questions(ladder, *both) == [11, 16, 21]
    closed = (7, "close", {"incident": "rows"})
    assert questions(ladder, *both, closed) == []


def test_the_cadence_of_what_stays_open_counts_from_the_close(ladder):
    """Asked three times every five minutes, then every ten."""
    both = declare(6, "SEV1", incident="rows"), declare(6.5, "SEV2", incident="nodes")
    events = asked(play_orders(ladder, *both, (12, "close", {"incident": "rows"})))
    assert [event.t / MINUTE for event in events] == [11, 22]
    assert "SEV2 has stood for 10 min" in events[-1].text


def test_questions_do_not_depend_on_how_the_run_is_driven(ladder):
    """A twin without the update has the same questions as a run without it."""
    orders = [declare(6, "SEV1"), update(8)]
    twin = Session(ladder, 1, omitted=frozenset({("ml", 2)}))
    drive(twin, {"ml": Orders(*orders)})
    without = [event.t for event in asked(play_orders(ladder, orders[0]))]
    assert [event.t for event in asked(twin.finish())] == without
