"""A warning about two places that contradict each other."""

from simulator.source import Complaint, Document, Key
from simulator.source.complaint import format_path


def two_places(
    document: Document, path: tuple[Key, ...], text: str, other: tuple[Key, ...]
) -> Complaint:
    """A complaint about the value at a path that names the other place, too."""
    place = f"{document.position(other)}: {format_path(other)}"
    return document.complaint_at(path, f"{text} ({place})")
