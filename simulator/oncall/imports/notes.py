"""What an import could not carry over, and what makes a file unusable."""

from pathlib import Path
from typing import NamedTuple

from simulator.source import Complaint, SourceError, display_path

Place = tuple[str | int, ...]


class Remark(NamedTuple):
    """A field that was dropped or approximated.

    Examples
    --------
    >>> print(Remark("pagerduty_user.ana", "not carried over: color"))
    pagerduty_user.ana: not carried over: color
    """

    source: str
    text: str
    place: Place = ()
    """Where the written file has a comment about it."""

    def __str__(self) -> str:
        return f"{self.source}: {self.text}"


class Notes:
    """The remarks of an import in order, and its errors, which are raised together."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.remarks: list[Remark] = []
        self._complaints: list[Complaint] = []

    def add(self, source: str, text: str, place: Place = ()) -> None:
        remark = Remark(source, text, place)
        if remark not in self.remarks[-200:]:
            self.remarks.append(remark)

    def complain(self, source: str, text: str) -> None:
        self._complaints.append(Complaint(display_path(self.file), 0, 0, source, text))

    def raise_if_any(self) -> None:
        """Raise the errors so far."""
        if self._complaints:
            raise SourceError(self._complaints)

    def failure(self, text: str) -> SourceError:
        """An error about the whole file, to raise."""
        return SourceError([Complaint(display_path(self.file), 0, 0, "", text)])
