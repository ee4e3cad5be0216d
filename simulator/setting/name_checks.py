"""Names in a document against what they name; what is wrong is told together."""

from __future__ import annotations

from typing import Any

from simulator.scenario import check_name
from simulator.source import Complaints, Document, Key


class Naming:
    """The names of one document.

    Parameters
    ----------
    document : Document

    Attributes
    ----------
    complaints : Complaints
        What has been found wrong so far.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.complaints = Complaints()

    def complain(self, at: tuple[Key, ...], text: str) -> None:
        """What stands there is wrong."""
        self.complaints.add(self.document.complaint_at(at, text))

    def name(self, at: tuple[Key, ...], known: Any, noun: str, listing: str = "") -> bool:
        """Whether what stands there is one of those known; if not, that is a complaint."""
        found = check_name(self.document, at, known, noun, listing=listing)
        if found:
            self.complaints.add(found)
        return found is None
