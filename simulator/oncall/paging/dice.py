"""The dice of people: one generator for each thing that chance decides."""

import numpy as np

from simulator.oncall.paging.sent_page import PagedPerson, SentPage
from simulator.scenario.time_law import TimeLaw
from simulator.streams import Streams


class Dice:
    """Random numbers keyed by drill, identity, subject and attempt.

    No key counts anything that an order could shift, so that twins meet the same people; and the
    same person has other luck in another drill.

    Parameters
    ----------
    drill : str
        The scenario's name.

    Examples
    --------
    >>> ana = PagedPerson("ana", "ml")
    >>> page = SentPage(1, "ml", "alert", "alertmanager", "alert/Slow")
    >>> delays, others = Dice(Streams(1), "rush-hour"), Dice(Streams(1), "lost-node")
    >>> first = delays.generator(page, ana, "way", 0).random()
    >>> bool(first == delays.generator(page, ana, "way", 0).random())
    True
    >>> bool(first == others.generator(page, ana, "way", 0).random())
    False
    """

    def __init__(self, streams: Streams, drill: str) -> None:
        self._streams, self._drill = streams, drill

    def generator(
        self, page: SentPage, recipient: PagedPerson, purpose: str, *attempt: int | str
    ) -> np.random.Generator:
        """The random numbers of one person, purpose and attempt at a page."""
        keys = (recipient.person, purpose, page.subject, page.occurrence, *attempt)
        return self._streams.keyed("people", self._drill, *keys)


def draw_ms(generator: np.random.Generator, law: TimeLaw) -> int:
    """A time of a law, ms."""
    return law.sample_ms(float(generator.standard_normal()))
