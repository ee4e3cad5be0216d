"""Searches of specialists without a run: components that are at fault, and what they do."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from simulator.calendar import Calendar
from simulator.oncall.organisation import Organisation
from simulator.oncall.paging.dice import Dice
from simulator.oncall.paging.sent_page import PagedPerson, SentPage
from simulator.oncall.work.search import Search
from simulator.oncall.work.specialist import Finding
from simulator.scenario import OnCall
from simulator.streams import Streams

MINUTE = 60_000
FILE = Path(__file__).parents[1] / "small" / "specialists.yaml"
COMPONENTS = {"source": ["feed"], "dependency": ["store"], "credential": ["feed-key", "store-key"]}
SPECIALIST = {"data": "dee", "security": "hal", "night": "ida"}


def organisation(teams: Mapping[str, Any] = {}, people: Mapping[str, Any] = {}) -> Organisation:
    """The organisation of the small drill with these keys of teams and people."""
    document = yaml.safe_load(FILE.read_text())
    for key, changes in (("teams", teams), ("people", people)):
        for name, values in changes.items():
            document[key][name] |= values
    document["teams"]["ml"]["owns"] = ["serving"]
    return Organisation.bind(OnCall.model_validate(document), 0, components=COMPONENTS)


class Bench:
    """A search on one page, and the door that it goes through.

    Attributes
    ----------
    looks : list of (float, str)
        The minute and the component of each look.
    texts, orders : lists
        What was told to whom, and what was ordered.
    """

    def __init__(
        self,
        at_fault: Collection[str] = (),
        facts: Mapping[str, Any] = {},
        team: str = "data",
        *,
        about: str = "",
        woken: bool = False,
        callers: tuple[str, ...] = ("ana",),
        traces: Mapping[str, int] = {},
        of: Organisation | None = None,
        outcome: tuple[str, str] = ("done", ""),
    ) -> None:
        self.at_fault, self.traces, self.outcome = set(at_fault), traces, outcome
        self.looks: list[tuple[float, str]] = []
        self.texts: list[tuple[str, str]] = []
        self.orders: list[tuple[str, Mapping[str, Any]]] = []
        bound, self.calendar = of or organisation(), Calendar()
        recipient = PagedPerson(SPECIALIST[team], team)
        self.visible = bound.visible(team, recipient.person)
        page = SentPage(1, team, "person", "ana", "call/ana/", about=about, facts=facts)
        dice = Dice(Streams(1), "bench")
        self.search = Search(page, recipient, woken, callers, bound, self.calendar, dice, self)
        self.search.start()

    def run(self, minutes: float = 60) -> "Bench":
        """Let the specialist work until a minute."""
        self.calendar.advance(round(minutes * MINUTE))
        return self

    def join(self, facts: Mapping[str, Any]) -> None:
        """Page the specialist again, now."""
        page = SentPage(2, "data", "person", "ana", "call/ana/", facts=facts, sent=self.now)
        self.search.join(page, ("ana",))

    @property
    def searched(self) -> list[str]:
        """The components looked at, in their order."""
        return [name for _, name in self.looks]

    @property
    def answers(self) -> list[str]:
        """What was told."""
        return [text for _, text in self.texts]

    # -- the door ------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """The time, ms."""
        return self.calendar.now

    def look(self, target: str) -> Finding:
        """Note a look."""
        self.looks.append((self.now / MINUTE, target))
        if target not in self.visible:
            return Finding.NOT_VISIBLE
        return Finding.AT_FAULT if target in self.at_fault else Finding.HEALTHY

    def has_traces(self, target: str, since: int) -> bool:
        """Whether the trace of a component is of that time or later."""
        return target in self.traces and self.traces[target] * MINUTE >= since

    def order(self, kind: str, args: Mapping[str, Any], on_end: Callable[[str, str], None]) -> None:
        """Carry out an order at once."""
        self.orders.append((kind, args))
        if kind == "fix_upstream" and self.outcome[0] == "done":
            self.at_fault.discard(args["target"])
        on_end(*self.outcome)

    def tell(self, to: str, text: str) -> None:
        """Note a message."""
        self.texts.append((to, text))

    def order_targets(self, player: str, number: int) -> tuple[str, ...]:
        """The third order is about the feed."""
        return ("feed",) if (player, number) == ("ana", 3) else ()

    def team_of(self, player: str) -> str:
        """Everybody plays for ml."""
        return "ml"
