"""The errors of a user's data."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.source import Issue


class BadData(ValueError):
    """Errors of a user's data, each at its key of `data:`."""

    def __init__(self, wrongs: Sequence[Issue]) -> None:
        self.wrongs = tuple(wrongs)
        super().__init__("; ".join(wrong.text for wrong in wrongs))
