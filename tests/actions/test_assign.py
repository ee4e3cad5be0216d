"""Incident roles: who holds them, and who hears of it."""

from simulator.responders import drive
from simulator.run import Player
from simulator.run.events import ActionEvent, MessageEvent
from simulator.session import Session
from tests.small.playing import Orders, play_orders


def assign(minute, to, role="commander"):
    return minute, "assign", {"role": role, "to": to}


def ends(run):
    return [(event.state, event.note) for event in run.of(ActionEvent) if event.ends]


def test_a_role_goes_to_a_person_a_team_or_the_player_and_the_last_one_holds_it(quiet):
    run = play_orders(quiet, assign(6, "jo"), assign(7, "command"), assign(8, "ml"))
    results = [event.result for event in run.of(ActionEvent) if event.state == "done"]
    assert results == [
        {"role": "commander", "to": "jo", "former": ""},
        {"role": "commander", "to": "command", "former": "jo"},
        {"role": "commander", "to": "ml", "former": "command"},
    ]
    # Nobody tells themselves.
    messages = [(event.to, event.text) for event in run.of(MessageEvent)]
    assert messages == [
        ("jo", "commander of the incident: jo"),
        ("command", "commander of the incident: command"),
    ]


def test_roles_are_held_side_by_side_experts_by_their_subject(quiet):
    session = Session(quiet, 1)
    orders = Orders(assign(6, "kim", "scribe"), assign(7, "dee", "feature-store"))
    drive(session, {"ml": orders})
    assert session.site("ml", 1).command.roles == {"scribe": "kim", "feature-store": "dee"}


def test_an_unknown_name_gets_no_role(quiet):
    run = play_orders(quiet, assign(6, "comand"), assign(7, "xyz"))
    everybody = "ml, data, command, ana, ben, chi, dee, jo, kim"
    assert ends(run) == [
        ("failed", "nobody is called 'comand'; did you mean 'command'?"),
        ("failed", f"nobody is called 'xyz'; expected one of {everybody}"),
    ]


def test_a_player_hears_of_their_role(quiet):
    session = Session(quiet, 1, players=[Player("ana", "ml"), Player("zoe", "data")])
    zoe = Orders()
    drive(session, {"ana": Orders(assign(6, "zoe", "operations")), "zoe": zoe})
    assert [news.data for news in zoe.news] == [
        {"from": "ana", "text": "operations of the incident: zoe"}
    ]
