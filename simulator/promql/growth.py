"""Growth of plans by new series: rows are appended, existing rows stay."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.telemetry.store import Labels


class ReplanNeeded(Exception):
    """A plan cannot take in new series where it stands and must be planned again."""


class Growing:
    """A part of a plan, with a row for each label set.

    New rows are appended, so a reader takes in only the rows that it has not seen: the same
    work whether they existed at planning time or come later. A grown plan equals one planned
    now, or growing raises `ReplanNeeded`.

    Attributes
    ----------
    labels : sequence of Labels
        The rows; always the same object, which gets longer.
    """

    labels: Sequence[Labels] = ()
    _sources: tuple[Growing, ...] = ()
    _taken: tuple[int, ...] = ()  # rows taken in, by source

    def read_from(self, *sources: Growing) -> None:
        """Set the sources and take in their rows: the last step of a constructor."""
        self._sources, self._taken = sources, (0,) * len(sources)
        self._take_new_rows()

    def grow(self) -> None:
        """Take in new rows; raises ReplanNeeded where they belong between old ones."""
        for source in self._sources:
            source.grow()
        if self._sizes() != self._taken:
            self._take_new_rows()

    def _sizes(self) -> tuple[int, ...]:
        return tuple([len(source.labels) for source in self._sources])

    def _take_new_rows(self) -> None:
        pairs = zip(self._sources, self._taken, strict=True)
        self._add_rows([source.labels[taken:] for source, taken in pairs])
        self._taken = self._sizes()

    def _add_rows(self, new: Sequence[Sequence[Labels]]) -> None:
        """Take in the new rows of each source; the first call brings all existing ones."""
