"""One entry of a run's story, and the folding of similar entries into one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from simulator.units.wording import hhmmss


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


def fold(entries: Iterable[StoryEntry], key: Callable[[StoryEntry], str]) -> Iterator[StoryEntry]:
    """Entries with the same key as one entry, at the time of the first, with their count.

    Examples
    --------
    >>> from simulator.report.phrases import line_pattern
    >>> texts = [(0, "row 7 failed"), (5, "row 9 failed")]
    >>> lines = [StoryEntry(t, "a", text, "log") for t, text in texts]
    >>> [e.counted_text for e in fold(lines, key=lambda entry: line_pattern(entry.text))]
    ['row 7 failed (×2, last at 00:00:00)']
    """
    by_key: dict[str, StoryEntry] = {}
    for entry in entries:
        name = key(entry)
        first = by_key.get(name)
        by_key[name] = replace(first, count=first.count + 1, until=entry.t) if first else entry
    return iter(by_key.values())
