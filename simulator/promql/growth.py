"""How a plan grows by the series that come: rows are added, and what is there stays."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.telemetry.store import Labels


class Anew(Exception):
    """A plan can not take in what came where it stands: it is to be made anew."""


class Growing:
    """A part of a plan, with a row for each label set.

    New rows come after the old ones, so whoever reads them takes in only those that it has
    not seen: the same work, whether they were there when the plan was made or come later. A
    plan that has grown is the same as one made now, or its growing raises `Anew`.

    Attributes
    ----------
    labels : sequence of Labels
        The rows; always the same object, which gets longer.
    """

    labels: Sequence[Labels] = ()
    _sources: tuple[Growing, ...] = ()
    _seen: tuple[int, ...] = ()

    def reads(self, *sources: Growing) -> None:
        """Say what it reads and take in the rows of that: the end of making it."""
        self._sources, self._seen = sources, (0,) * len(sources)
        self._take_new()

    def grow(self) -> None:
        """Take in the rows that came since; raises Anew where they belong between the old."""
        for source in self._sources:
            source.grow()
        if self._sizes() != self._seen:
            self._take_new()

    def _sizes(self) -> tuple[int, ...]:
        return tuple([len(source.labels) for source in self._sources])

    def _take_new(self) -> None:
        both = zip(self._sources, self._seen, strict=True)
        self._take([source.labels[seen:] for source, seen in both])
        self._seen = self._sizes()

    def _take(self, new: Sequence[Sequence[Labels]]) -> None:
        """Take in the new rows of each source; at first, all there are, if any."""
