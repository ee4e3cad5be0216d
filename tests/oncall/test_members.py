"""The short form of a team: with the former keys of its dice, the former digests."""

from __future__ import annotations

import hashlib
from collections import Counter

import msgspec
import numpy as np
import pytest

from simulator.oncall.paging.sent_page import PagedPerson, SentPage
from simulator.run import Event, Run
from simulator.run.events import ActionEvent, PageEvent
from simulator.run.log import encode
from simulator.streams import Streams
from tests.small.playing import LATE, SLOW, play_orders

ORDERS = [
    (11, "page", {"team": "data", "about": "store-key", "text": "please look"}),
    (12, "page", {"team": "data", "about": "feed"}),
    (16, "escalate", {}),
    (16, "escalate", {"to": "command", "severity": "SEV2"}),
    (24, "acknowledge", {}),
]
# Digests of the program before policies, by seed.
DIGESTS = {
    1: "42f61c2c62add0b4",
    2: "c135226c4fda41bd",
    3: "ed3d18a3e36ece10",
    4: "62112e18184a1b66",
    5: "721316cf182bec33",
}
NEW_STATES = ("seen", "resolved", "exhausted")


class FormerDice:
    """Keys of team, purpose, subject and a counter of draws; nothing of the drill."""

    def __init__(self, streams: Streams, drill: str) -> None:
        self._streams = streams
        self._draws = Counter[tuple[str, str, str]]()
        self._answers: dict[tuple[int, PagedPerson], np.random.Generator] = {}

    def generator(
        self, page: SentPage, recipient: PagedPerson, purpose: str, *attempt: int | str
    ) -> np.random.Generator:
        if purpose == "work":  # went on with the dice of the answer
            return self._answers[page.number, recipient]
        key = (page.team, "work" if purpose == "answer" else purpose, page.subject)
        self._draws[key] += 1
        generator = self._streams.keyed("people", *key, self._draws[key])
        if purpose == "answer":
            self._answers[page.number, recipient] = generator
        return generator


def former_events(run: Run) -> list[Event]:
    """The events as they were logged, whose pages had fewer states."""
    events: list[Event] = []
    person: dict[int, str] = {}  # of a page's current level
    for event in run.events:
        if isinstance(event, ActionEvent):  # it did not say what it changed
            event = msgspec.structs.replace(event, changed=True, targets=())
        if isinstance(event, PageEvent):
            if event.state in NEW_STATES:
                continue
            if event.state in ("sent", "escalated"):
                person[event.page] = event.person
            if event.state == "lost":
                event = msgspec.structs.replace(event, state="unreached")
            if event.state == "acknowledged" and event.by == event.person:
                # Whoever took a page late was logged under the name of the current level's person.
                name = person[event.page]
                event = msgspec.structs.replace(event, person=name, by=name)
        events.append(event)
    return events


def digest(events: list[Event]) -> str:
    lines = b"".join(encode(event) + b"\n" for event in events if event.in_digest)
    return hashlib.sha256(lines).hexdigest()[:16]


@pytest.mark.parametrize("seed", DIGESTS)
def test_members_answer_as_before_policies(drill, monkeypatch, seed):
    monkeypatch.setattr("simulator.session.session.Dice", FormerDice)
    run = play_orders(drill(SLOW, LATE, oncall="members.yaml"), *ORDERS, seed=seed)
    assert digest(former_events(run)) == DIGESTS[seed]
