"""A door stays its player's, and takes nothing that the log could not keep."""

import copy

import pytest

from simulator.promql import PromQLError
from simulator.session import Door, News, Observation, Order, OrderRejected, Session
from tests.small.playing import MINUTE

HUGE = "x" * 10**6


@pytest.fixture
def session(quiet):
    return Session(quiet, 1)


@pytest.fixture
def door(session):
    return session.door("ml")


def events(session, kind):
    return [event for event in session.log.events if event.kind == kind]


@pytest.mark.parametrize(
    "name", ["player", "who", "now", "submit", "query", "seen", "__class__", "_Door__behind"]
)
def test_no_attribute_of_a_door_can_be_set_or_deleted(door, name):
    with pytest.raises(AttributeError):
        setattr(door, name, "director")
    with pytest.raises(AttributeError):
        delattr(door, name)
    assert not hasattr(door, "__dict__")


@pytest.mark.parametrize("name", ["player", "who", "now", "submit", "query", "seen"])
def test_not_even_past_its_own_methods(session, door, name):
    with pytest.raises((AttributeError, TypeError)):
        object.__setattr__(door, name, "director")
    door.submit(Order("close"))
    session.advance(MINUTE)
    assert {event.who for event in events(session, "order")} == {"ml"}


def test_news_is_the_players_own():
    class Host:
        now, ends = 0, MINUTE
        data = {"alerts": ["HighLatency"]}  # noqa: RUF012

        def take_news(self, player):
            return Observation(self.now, self.ends, (News(0, "page", self.data),))

    (page,) = Door(Host(), "ml").seen().news
    page.data["alerts"].clear()
    (again,) = Door(Host(), "zoe").seen().news
    assert again.data == {"alerts": ["HighLatency"]}


def test_a_door_is_not_copied(door):
    with pytest.raises((AttributeError, TypeError)):
        copy.copy(door).player  # noqa: B018


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"text": HUGE}, "status_update: text: given a text of 1,000,000 characters, longer than"),
        ({"text": {"a", "b"}}, "status_update: text: given set, expected plain data"),
        ({"text": "fine", "to": float("nan")}, "status_update: to: given nan, expected a finite"),
    ],
)
def test_an_order_with_other_data_is_refused(session, door, args, message):
    with pytest.raises(OrderRejected) as error:
        door.submit(Order("status_update", args))
    assert str(error.value).startswith(message)
    (refused,) = events(session, "refused")
    assert refused.why == str(error.value)


def test_what_is_refused_is_logged_cut(session, door):
    orders = [
        Order(HUGE),
        Order([HUGE] * 9),
        Order("close", {f"key{i}": 1 for i in range(2000)}),
        HUGE,
    ]
    for order in orders:
        with pytest.raises(OrderRejected):
            door.submit(order)
    refused = events(session, "refused")
    assert len(refused) == len(orders)
    assert all(len(event.why) <= 4096 for event in refused)
    assert all(len(event.action) <= 80 for event in refused)


def test_a_huge_look_has_no_answer_and_is_logged_cut(session, door):
    with pytest.raises(PromQLError, match="longer than 64 KB"):
        door.query(HUGE)
    with pytest.raises(ValueError, match="longer than 64 KB"):
        door.search(HUGE, MINUTE)
    with pytest.raises(PromQLError, match="expected a text"):
        door.query([HUGE])
    looks = events(session, "look")
    assert len(looks) == 3
    assert all(len(event.expr) < 5000 for event in looks)
