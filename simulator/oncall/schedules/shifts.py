"""Who is on call at any time of a horizon: a schedule's shifts, in order."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Shift(NamedTuple):
    """A time span with one person on call, or nobody; ms since 1970, its end is not part of it."""

    start: int
    end: int
    person: str | None


class Shifts:
    """The shifts of a horizon, without overlap; neighbours have different people.

    Parameters
    ----------
    starts : sequence of int, ms since 1970
        Their starts, ascending; the first is the start of the horizon.
    people : sequence of str or None
        Who is on call from each start on.
    until : int, ms since 1970
        The end of the horizon.

    Examples
    --------
    >>> shifts = Shifts([0, 10, 30], ["ana", None, "ben"], 40)
    >>> shifts.on_call(5), shifts.on_call(10), shifts.on_call(39)
    ('ana', None, 'ben')
    >>> list(shifts.holes())
    [Shift(start=10, end=30, person=None)]
    >>> shifts.on_call(40)
    Traceback (most recent call last):
    ValueError: 40 is outside of the horizon from 0 to 40
    """

    def __init__(self, starts: Sequence[int], people: Sequence[str | None], until: int) -> None:
        # Plain lists: bisection in an array converts its needle at every call.
        self._starts = list(starts)
        self._people = list(people)
        self.since, self.until = self._starts[0], until

    def on_call(self, epoch_ms: int) -> str | None:
        """Who is on call at an instant; None if nobody is.

        Parameters
        ----------
        epoch_ms : int, ms since 1970

        Raises
        ------
        ValueError
            Outside of the horizon.
        """
        if not self.since <= epoch_ms < self.until:
            raise ValueError(
                f"{epoch_ms} is outside of the horizon from {self.since} to {self.until}"
            )
        return self._people[bisect_right(self._starts, epoch_ms) - 1]

    def spans(self, since: int | None = None) -> Iterator[Shift]:
        """Shifts and holes in order, from that of an instant on; by default all."""
        first = 0 if since is None else max(bisect_right(self._starts, since) - 1, 0)
        for n in range(first, len(self._starts)):
            end = self._starts[n + 1] if n + 1 < len(self._starts) else self.until
            yield Shift(self._starts[n], end, self._people[n])

    def shifts(self, since: int | None = None) -> Iterator[Shift]:
        """The shifts with somebody on call, in order, from that of an instant on."""
        return (span for span in self.spans(since) if span.person is not None)

    def holes(self, since: int | None = None) -> Iterator[Shift]:
        """The spans with nobody on call, in order, from that of an instant on."""
        return (span for span in self.spans(since) if span.person is None)

    def people(self) -> tuple[str, ...]:
        """Everybody with a shift, in the order of their first ones."""
        return tuple(dict.fromkeys(person for person in self._people if person is not None))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Shifts):
            return NotImplemented
        return list(self.spans()) == list(other.spans())
