"""YAML with positions, and complaints with file:line:column, for every format of ours.

`load` reads a file and what it extends, `override` replaces single values, `validate` makes a
model of it; each raises `SourceError`, which carries every complaint.
"""

from simulator.source.complaint import (
    Complaint,
    Complaints,
    Key,
    Mark,
    SourceError,
    complain,
    shown,
)
from simulator.source.document import Document, Node
from simulator.source.extends import load, resolved
from simulator.source.library import find, kind_of, locate, roots, shipped, shipped_files
from simulator.source.override import override
from simulator.source.reader import read_text, text_of
from simulator.source.validate import complaints, validate
from simulator.source.words import Wrong, refuse

__all__ = [
    "Complaint",
    "Complaints",
    "Document",
    "Key",
    "Mark",
    "Node",
    "SourceError",
    "Wrong",
    "complain",
    "complaints",
    "find",
    "kind_of",
    "load",
    "locate",
    "override",
    "read_text",
    "refuse",
    "resolved",
    "roots",
    "shipped",
    "shipped_files",
    "shown",
    "text_of",
    "validate",
]
