"""A briefing: what a specialist is told, and where it lets them look first."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from simulator.oncall.paging.sent_page import SentPage
from simulator.pipeline.cluster.nodes import CLUSTER
from simulator.units import parse_ms

# How much earlier than its caller says something may have begun: alerts and people notice late.
MARGIN_MS = 15 * 60_000


class Briefing:
    """The facts of the pages on which somebody works; later ones add to earlier ones.

    Attributes
    ----------
    facts : dict of str to value
        As stated, the latest of each.
    suspects : list of str
        What is looked at first, the latest first.
    tried : dict of str to None
        Components that attempts were about; they are looked at last.
    since : int, optional
        When it began, ms.

    Examples
    --------
    >>> briefing = Briefing()
    >>> facts = {"suspect": "key", "tried": ["restarted view"]}
    >>> page = SentPage(1, "data", "person", "ana", "call/ana/", facts=facts)
    >>> candidates = ["view", "feed", "store", "key"]
    >>> briefing.add(page, candidates, lambda number: ())
    ('key',)
    >>> briefing.search_order(candidates, lambda name, since: True)
    ['key', 'feed', 'store', 'view']
    """

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self.suspects: list[str] = []
        self.tried: dict[str, None] = {}
        self.since: int | None = None

    def add(
        self,
        page: SentPage,
        candidates: Iterable[str],
        order_targets: Callable[[int], Iterable[str]],
    ) -> tuple[str, ...]:
        """Add the facts of a page; return its suspects.

        Parameters
        ----------
        candidates : iterable of str
            The components whose names a text can mention.
        order_targets : callable
            The components of one of the caller's orders.
        """
        stated: Mapping[str, Any] = page.facts
        names = filter(None, (stated.get("suspect"), page.about))
        suspects = tuple(dict.fromkeys(map(component_of, names)))
        self.suspects = [*suspects, *(name for name in self.suspects if name not in suspects)]
        for attempt in stated.get("tried", ()):
            targets = (
                order_targets(attempt)
                if isinstance(attempt, int)
                else (name for name in candidates if mentions(attempt, name))
            )
            self.tried |= dict.fromkeys(targets)
        if "since" in stated:
            self.since = page.sent - parse_ms(stated["since"])
        self.facts |= stated
        return suspects

    def search_order(
        self, candidates: Iterable[str], has_traces: Callable[[str, int], bool]
    ) -> list[str]:
        """Components in the order of a search.

        Suspects come first, whoever owns them; then candidates with traces since it began, then
        those without; what was tried comes last.
        """

        def rank(name: str) -> tuple[bool, bool]:
            untraced = self.since is not None and not has_traces(name, self.since - MARGIN_MS)
            return name in self.tried, untraced

        others = [name for name in candidates if name not in self.suspects]
        return [*self.suspects, *sorted(others, key=rank)]

    def supports(self, target: str) -> bool:
        """Whether evidence saves the confirming look at a component.

        It supports the suspects; without suspects it supports whatever is at fault.
        """
        return bool(self.facts.get("evidence")) and (not self.suspects or target in self.suspects)


def component_of(name: str) -> str:
    """The component that somebody means by a name: the machines are owned as one.

    Examples
    --------
    >>> component_of("node-17"), component_of("store")
    ('cluster', 'store')
    """
    return CLUSTER if re.fullmatch(r"node-\d+", name) else name


def mentions(text: str, name: str) -> bool:
    """Whether a text mentions a component: its whole name stands in it.

    Examples
    --------
    >>> mentions("rotated feed-key.", "feed-key"), mentions("rotated feed-key.", "feed")
    (True, False)
    """
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)", text) is not None
