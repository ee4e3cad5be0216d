"""Checks of the names in a document; collects the complaints."""

from collections.abc import Iterable

from simulator.scenario import check_name
from simulator.source import Complaints, Document, Key

KeyPath = tuple[Key, ...]


class NameChecker:
    """Checks the names in one document.

    Attributes
    ----------
    complaints : Complaints
        The complaints so far.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.complaints = Complaints()

    def complain(self, at: KeyPath, text: str) -> None:
        """Add a complaint about the value at a path."""
        self.complaints.add(self.document.complaint_at(at, text))

    def check(self, at: KeyPath, names: Iterable[str], noun: str, listing: str = "") -> bool:
        """Whether the name at a path is among the names; if not, add a complaint."""
        complaint = check_name(self.document, at, names, noun, listing=listing)
        if complaint:
            self.complaints.add(complaint)
        return complaint is None
