"""The state of a conversion of a user's table: its errors and its notes."""

from simulator.datasets.dataset import BadData
from simulator.datasets.table import UserTable
from simulator.scenario.data import Data
from simulator.source import Issue, Key


class Conversion:
    """A user's table while it becomes a data set.

    Attributes
    ----------
    notes : list of str
        What was inferred, left out or changed.
    """

    def __init__(self, table: UserTable, data: Data) -> None:
        self.table, self.data = table, data
        self.notes: list[str] = []
        self._errors: list[Issue] = []

    def error(self, text: str, *path: Key) -> None:
        """Record an error at a path below `data:`."""
        self._errors.append(Issue(path, text))

    @property
    def failed(self) -> bool:
        """Whether there are errors."""
        return bool(self._errors)

    def raise_errors(self) -> None:
        """Raise all errors so far.

        Raises
        ------
        BadData
        """
        if self._errors:
            raise BadData(self._errors)
