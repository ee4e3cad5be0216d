"""One entry of a run's story, and the folding of similar entries into one."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from simulator.units.wording import hhmmss

# A bot may try the same in vain every minute.
REPEATS_MAX = 3


@dataclass(frozen=True)
class StoryEntry:
    """One entry of the story.

    Attributes
    ----------
    t, until : int, ms
        When it happened first and last.
    tone : str
        phase, truth, bad, good, alert, page, order, talk or log: its colour.
    rank : int
        0 is never left out; the highest rank is left out first.
    number : int or None
        The number of the order that it is.
    """

    t: int
    who: str
    text: str
    tone: str
    rank: int = 0
    count: int = 1
    until: int | None = None
    number: int | None = None

    @property
    def counted_text(self) -> str:
        """The text, with the count of a repeated entry."""
        if self.count == 1:
            return self.text
        last = f", last at {hhmmss(self.until)}" if self.until else ""
        return f"{self.text} (×{self.count}{last})"


def fold(
    entries: Iterable[StoryEntry], key: Callable[[StoryEntry], Hashable]
) -> Iterator[StoryEntry]:
    """Entries with the same key as one entry, at the time of the first, with their count.

    Examples
    --------
    >>> from simulator.report.phrases import line_pattern
    >>> texts = [(0, "row 7 failed"), (5, "row 9 failed")]
    >>> lines = [StoryEntry(t, "a", text, "log") for t, text in texts]
    >>> [e.counted_text for e in fold(lines, key=lambda entry: line_pattern(entry.text))]
    ['row 7 failed (×2, last at 00:00:00)']
    """
    by_key: dict[Hashable, StoryEntry] = {}
    for entry in entries:
        name = key(entry)
        first = by_key.get(name)
        if first is None:
            by_key[name] = entry
        else:
            until = None if entry.t == first.t else entry.t
            by_key[name] = replace(first, count=first.count + 1, until=until)
    return iter(by_key.values())


def fold_repeats(entries: Iterable[StoryEntry]) -> Iterator[StoryEntry]:
    """Entries of which one that is repeated more than three times is one entry.

    Examples
    --------
    >>> entries = [StoryEntry(t, "bot", "orders restart", "order") for t in range(4)]
    >>> [len(list(fold_repeats(entries[:count]))) for count in (3, 4)]
    [3, 1]
    """
    entries = list(entries)
    counts = Counter((entry.who, entry.text) for entry in entries)
    numbers = count()

    def key(entry: StoryEntry) -> Hashable:
        identity = (entry.who, entry.text)
        return identity if counts[identity] > REPEATS_MAX else next(numbers)

    return fold(entries, key)
