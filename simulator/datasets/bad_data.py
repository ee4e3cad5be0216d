"""The errors of a user's data."""

from collections.abc import Sequence

from simulator.source import Issue


class BadData(ValueError):
    """Errors of a user's data, each at its key of `data:`."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("; ".join(issue.text for issue in issues))
