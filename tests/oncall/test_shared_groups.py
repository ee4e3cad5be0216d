"""Routes of several teams whose matchers are the same: their groups have the same key."""

from types import SimpleNamespace

import pytest

from simulator.calendar import Calendar
from simulator.oncall.organisation import Organisation
from simulator.oncall.paging.dice import Dice
from simulator.oncall.paging.pager import Pager
from simulator.oncall.staffing import Staffing
from simulator.scenario import OnCall
from simulator.streams import Streams

TEAMS = {"ml": {"members": ["ana"]}, "data": {"members": ["dee"]}}
RECEIVERS = {"ml": {"team": "ml"}, "data": {"team": "data"}, "desk": {"team": "ml", "page": False}}


@pytest.fixture
def pager():
    """A pager whose host notes who gets tickets, in `pager.tickets`."""
    document = {"oncall": 1, "name": "small", "teams": TEAMS, "receivers": RECEIVERS}
    tickets = []
    host = SimpleNamespace(
        now=0,
        log_event=lambda event: None,
        deliver=lambda to, kind, data: tickets.append((to, kind)),
        staffing=lambda team, person: Staffing.NOBODY,
    )
    organisation = Organisation(OnCall.model_validate(document))
    pager = Pager(organisation, Calendar(), Dice(Streams(1), "small"), host, 0)
    pager.tickets = tickets
    return pager


def notify(pager, receiver, firing=True):
    pager.notify(receiver, ({"alertname": "Slow"},), "{}:{}", "slow", firing=firing)


def test_each_team_is_paged_once(pager):
    for receiver in ("ml", "data", "ml", "data"):
        notify(pager, receiver)
    assert [page.team for page in pager.pages] == ["ml", "data"]


def test_a_ticket_is_opened_beside_an_open_page(pager):
    notify(pager, "ml")
    notify(pager, "desk")
    assert pager.tickets == [("ml", "ticket")]


def test_a_resolved_group_ends_the_page_of_the_team_that_hears_of_it(pager):
    notify(pager, "ml")
    notify(pager, "data")
    notify(pager, "data", firing=False)
    assert [page.team for page in pager.pages if page.resolved] == ["data"]
