"""Players: who has a door, what a role may order, how many orders hands can give."""

import re

import pytest

from simulator.responders import drive
from simulator.run import Player
from simulator.run.events import ActionEvent, OrderEvent, PageEvent
from simulator.session import Order, OrderRejected, PlayerError, Session
from tests.small.playing import LATE, MINUTE, SLOW, Orders, page_states

ANA, BEN = Player("ana", "ml"), Player("ben", "ml")
BOT = Player("bot", "ml", kind="automation")
DECLARE = Order("declare", {"severity": "SEV3"})


def play(setting, *players, **orders):
    """The run of these players with their orders, by name."""
    session = Session(setting, 1, players=players)
    drive(session, {name: Orders(*asked) for name, asked in orders.items()})
    return session.finish()


def starts(run, who):
    """When each order of a player started, in seconds, by its number."""
    begun = [e for e in run.of(ActionEvent) if e.who == who and e.state == "started"]
    return {event.order: event.t / 1000 for event in begun}


def news_of(session, name, kind):
    return [item.data for item in session.door(name).seen().news if item.kind == kind]


# -- doors ---------------------------------------------------------------------------------------


def test_a_name_without_a_player_has_no_door(quiet):
    session = Session(quiet, 1, players=[ANA])
    for name in ("director", "ml", "data", "anna"):
        with pytest.raises(PlayerError, match=f"no player is called '{name}'"):
            session.door(name)


@pytest.mark.parametrize(
    ("players", "message"),
    [
        ([ANA, Player("ana", "data")], "two players are called 'ana'"),
        ([Player("ana", "mll")], "ana: unknown team 'mll'; did you mean 'ml'?"),
        ([Player("ana")], "ana: unknown team ''"),
        ([Player("", "ml")], "a player: '' is not a name"),
        ([Player("../ana", "ml")], "a player: '../ana' is not a name"),
        ([Player("director", "ml")], "'director' is another's name"),
        ([Player("data", "ml")], "'data' is another's name"),
        ([Player("bot", "ml", kind="automation", rate=0)], "bot: given a rate of 0"),
        ([Player("ana", "ml", role="boss")], "a player: Invalid enum value 'boss' - at `$.role`"),
        ([Player(5, "ml")], "a player: Expected `str`, got `int` - at `$.name`"),
    ],
)
def test_players_who_cannot_play_together(quiet, players, message):
    with pytest.raises(PlayerError, match=re.escape(message)):
        Session(quiet, 1, players=players)


def test_the_players_are_in_the_header(quiet):
    players = (ANA, BOT, Player("gm", role="facilitator", graded=False))
    assert Session(quiet, 1, players=players).finish().header.players == players


# -- inboxes -------------------------------------------------------------------------------------


def test_each_player_has_an_inbox(drill):
    session = Session(drill(SLOW), 1, players=[Player("zoe", "ml"), Player("yan", "ml")])
    while session.now < 15 * MINUTE:
        session.advance(15 * MINUTE)
    zoe, yan = (news_of(session, name, "page") for name in ("zoe", "yan"))
    assert zoe == yan
    assert len(zoe) >= 1
    assert news_of(session, "zoe", "page") == []


def test_a_page_is_told_to_the_player_on_call_alone(drill):
    setting = drill(SLOW)
    on_call = play(setting, ANA).of(PageEvent)[0].person
    session = Session(setting, 1, players=[Player(on_call, "ml"), Player("zoe", "ml")])
    while session.now < 14 * MINUTE:
        session.advance(14 * MINUTE)
    assert [page["person"] for page in news_of(session, on_call, "page")] == [on_call]
    assert news_of(session, "zoe", "page") == []


def test_a_message_reaches_the_player_or_the_team_it_names(drill):
    message = {"from": "product", "to": "primary", "text": "slow?"}
    session = Session(drill({"at": "7m", "message": message}), 1, players=[ANA, BEN])
    gm = Session(drill(), 1, players=[ANA, BEN, Player("gm", role="facilitator")])
    gm.door("gm").submit(Order("hint", {"to": "ben", "text": "look at the rows"}))
    for run in (session, gm):
        while run.now < 8 * MINUTE:
            run.advance(8 * MINUTE)
    assert [len(news_of(session, name, "message")) for name in ("ana", "ben")] == [1, 1]
    assert [len(news_of(gm, name, "message")) for name in ("ana", "ben")] == [0, 1]


def test_what_a_team_is_sent_reaches_a_player_named_as_it_and_the_others(drill):
    message = {"from": "product", "to": "ml", "text": "slow?"}
    setting = drill({"at": "7m", "message": message})
    session = Session(setting, 1, players=[Player("ml", "ml"), ANA, Player("dee", "data")])
    while session.now < 8 * MINUTE:
        session.advance(8 * MINUTE)
    received = [len(news_of(session, name, "message")) for name in ("ml", "ana", "dee")]
    assert received == [1, 1, 0]


# -- who answers for a team ----------------------------------------------------------------------


def test_beside_an_automation_people_acknowledge_and_order_nothing(drill):
    run = play(drill(SLOW), BOT, bot=[])
    assert page_states(run)[:2] == ["sent", "delivered"]
    assert page_states(run)[-1] == "acknowledged"
    assert run.of(OrderEvent) == []


def test_beside_a_person_nobody_acknowledges_for_the_team(drill):
    assert "acknowledged" not in page_states(play(drill(SLOW), ANA, BOT, ana=[], bot=[]))


def test_without_players_the_played_team_never_answers(drill):
    assert "acknowledged" not in page_states(play(drill(SLOW)))


def test_a_played_second_team_is_not_simulated(drill):
    """Its player alone acknowledges and mends; without one the team does both by itself."""
    setting = drill(LATE)
    page = (11, "page", {"team": "data", "about": "store-key"})
    simulated = play(setting, ANA, ana=[page])
    mend = (20, "fix_upstream", {"target": "store-key"})
    played = play(setting, ANA, Player("dee", "data"), ana=[page], dee=[mend])
    assert page_states(simulated, "data") == ["sent", "delivered", "acknowledged"]
    assert "acknowledged" not in page_states(played, "data")
    assert [order.who for order in simulated.of(OrderEvent)] == ["ana", "data"]
    ends = [(e.who, e.action, e.state) for e in played.of(ActionEvent) if e.ends]
    assert ends == [("ana", "page", "done"), ("dee", "fix_upstream", "done")]


def test_a_player_who_is_on_call_for_another_team_too_is_paged_for_both(drill):
    """Nobody else acts under the player's name; what they take, they take for their own team."""
    on_call = {
        "oncall__people": {"ana": {"notices": {"fixed": "0s"}}},
        "oncall__policies": {"command": {"levels": [{"page": [{"person": "ana"}]}]}},
        "oncall__teams__command": {"policy": "command", "acknowledge": {"fixed": "0s"}},
    }
    orders = {"ben": [(6, "page", {"team": "command"})], "ana": [(9, "acknowledge", {})]}
    session = Session(drill(**on_call), 1, players=[ANA, BEN])
    ana = Orders(*orders["ana"])
    drive(session, {"ana": ana, "ben": Orders(*orders["ben"])})
    assert [news.data["by"] for news in ana.news if news.kind == "page"] == ["ben"]
    *_, taken = session.finish().of(PageEvent)
    assert (taken.state, taken.who, taken.by, taken.t) == (
        "acknowledged",
        "command",
        "ana",
        9 * MINUTE,
    )


def test_an_automation_gets_a_page_once_from_whatever_channels_deliver_it(drill):
    on_call = {
        "oncall__channels": {"push": {"fixed": "5s"}, "call": {"fixed": "5s", "after": "30s"}},
        "oncall__people": {"ana": {}},
        "oncall__policies": {"way": {"levels": [{"page": [{"person": "ana"}], "after": "9m"}]}},
        "oncall__teams__ml": {"policy": "way", "acknowledge": {"fixed": "5m"}},
    }
    session, bot = Session(drill(SLOW, **on_call), 1, players=[BOT]), Orders()
    drive(session, {"bot": bot})
    delivered = [e.channel for e in session.finish().of(PageEvent) if e.state == "delivered"]
    assert delivered == ["push", "call"]
    assert [news.kind for news in bot.news] == ["page"]


# -- roles ---------------------------------------------------------------------------------------


def test_an_observer_looks_and_orders_nothing(quiet):
    session = Session(quiet, 1, players=[ANA, Player("oda", "ml", role="observer")])
    door = session.door("oda")
    session.advance(MINUTE)
    assert door.query("up").rows()
    with pytest.raises(OrderRejected, match="declare: an observer looks, and orders nothing"):
        door.submit(DECLARE)


def test_a_facilitator_does_not_answer_the_incident(quiet):
    session = Session(quiet, 1, players=[ANA, Player("gm", role="facilitator")])
    with pytest.raises(OrderRejected, match="declare: it is for a responder"):
        session.door("gm").submit(DECLARE)


# -- hands ---------------------------------------------------------------------------------------


def test_a_person_hands_over_one_order_after_another(quiet):
    """64 orders given at once start one after another, in ticks of 15 s; all but one wait."""
    run = play(quiet, ANA, ana=[(6, "close", {})] * 64)
    begun = starts(run, "ana")
    assert list(begun) == list(range(1, 65))
    gaps = {begun[number] - begun[number - 1] for number in range(2, 65)}
    assert gaps == {15.0}
    waiting = [event.order for event in run.of(ActionEvent) if event.state == "waiting"]
    assert waiting == list(range(2, 65))
    assert {event.t for event in run.of(OrderEvent)} == {6 * MINUTE}


def test_an_order_that_never_began_changed_nothing(quiet):
    run = play(quiet, ANA, ana=[(29, "close", {})] * 6)
    ends = [(event.order, event.state) for event in run.of(ActionEvent) if event.ends]
    assert ends[:4] == [(1, "done"), (2, "done"), (3, "done"), (4, "done")]
    assert ends[4:] == [(5, "failed"), (6, "failed")]


def test_an_automation_gives_orders_side_by_side(quiet):
    """Three at a rate of three a minute start at once, the fourth a minute later."""
    bot = Player("bot", "ml", kind="automation", rate=3)
    run = play(quiet, bot, bot=[(6, "restart", {})] * 3 + [(6, "close", {})])
    assert starts(run, "bot") == {1: 360.0, 2: 360.0, 3: 360.0, 4: 420.0}


def test_a_long_action_keeps_nobody_from_acknowledging(drill):
    """A rollback takes 90 s; its hand-over takes 10 s."""
    run = play(
        drill(SLOW), ANA, ana=[(13, "rollback", {"target": "serving"}), (13.5, "acknowledge", {})]
    )
    ends = {event.order: event.t / 1000 for event in run.of(ActionEvent) if event.ends}
    assert starts(run, "ana") == {1: 780.0, 2: 810.0}
    assert ends[2] == 810.0 < ends[1]


def test_two_people_have_two_pairs_of_hands(quiet):
    both = [(6, "close", {})] * 2
    run = play(quiet, ANA, BEN, ana=both, ben=both)
    assert starts(run, "ana") == starts(run, "ben") == {1: 360.0, 2: 375.0}


def test_an_omitted_order_takes_its_number_and_the_hands(quiet):
    orders = [(6, "close", {}), (6, "declare", {"severity": "SEV3"})]
    session = Session(quiet, 1, players=[ANA], omitted=frozenset({("ana", 1)}))
    drive(session, {"ana": Orders(*orders)})
    run = session.finish()
    assert [(event.id, event.action) for event in run.of(OrderEvent)] == [(2, "declare")]
    assert starts(run, "ana") == {2: 375.0}
