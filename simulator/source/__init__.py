"""YAML with positions, and complaints with file:line:column, for every format.

`load` reads a file and the files that it extends, `override` replaces single values, `validate`
makes a model of it; each raises `SourceError` with every complaint.
"""

from simulator.source.complaint import (
    Complaint,
    Complaints,
    Key,
    Position,
    SourceError,
    complaint_at,
    display_path,
)  # fmt: skip
from simulator.source.document import Document, YamlNode
from simulator.source.extends import inline_file, load
from simulator.source.issues import Issue, format_issues, raise_issues
from simulator.source.library import (
    find_file,
    kind_of,
    library_folders,
    library_root,
    locate_file,
    shipped_files,
)
from simulator.source.override import override
from simulator.source.reader import parse_text, read_file
from simulator.source.validate import validate, validation_complaints

__all__ = [
    "Complaint", "Complaints", "Document", "Issue", "Key", "Position", "SourceError", "YamlNode",
    "complaint_at", "display_path", "find_file", "format_issues", "inline_file", "kind_of",
    "library_folders", "library_root", "load", "locate_file", "override", "parse_text",
    "raise_issues", "read_file", "shipped_files", "validate", "validation_complaints",
]  # fmt: skip
