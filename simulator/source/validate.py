"""A document validated by a pydantic model: every complaint at once, each with its place."""

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from simulator.source.complaint import Complaint, Key, SourceError
from simulator.source.document import Document
from simulator.source.issues import Issue, issues_of, without_misspelt

M = TypeVar("M", bound=BaseModel)


def validate(document: Document, model: type[M], at: Iterable[Key] = ()) -> M:
    """The model that a document, or its part at a path, describes.

    Raises
    ------
    SourceError
        With every complaint: unknown and missing keys, wrong types and values, and the complaints
        of the reading.

    Examples
    --------
    >>> from pathlib import Path
    >>> from simulator.source import parse_text
    >>> class Stage(BaseModel, extra="forbid"):
    ...     replicas: int
    >>> root, _ = parse_text("replica: 4", Path("a.yaml"))
    >>> validate(Document(Path("a.yaml"), root, Path(".")), Stage)
    Traceback (most recent call last):
    simulator.source.complaint.SourceError: a.yaml:1:1: replica: unknown key; did you mean ...
    """
    path = tuple(at)
    try:
        value = model.model_validate(document.plain(path))
    except ValidationError as error:
        complaints = validation_complaints(error, document, model, path)
        raise SourceError([*document.complaints, *complaints]) from None
    document.raise_complaints()
    return value


def validation_complaints(
    error: ValidationError,
    document: Document,
    model: type[BaseModel],
    at: tuple[Key, ...] = (),
    *,
    outer: tuple[Key, ...] = (),
    later: Iterable[str] = (),
) -> list[Complaint]:
    """Pydantic's errors with their places in the document.

    Parameters
    ----------
    outer : path
        The map of the fields that are not below `at`: an inject's `target` stands next to `args`.
    later : names of fields
        Fields whose values are not known yet: no complaints about them.
    """
    skipped = set(later)
    complaints = []
    details = [
        detail
        for detail in error.errors(include_url=False)
        if not (detail["loc"] and detail["loc"][0] in skipped)
    ]
    for issue in without_misspelt([i for detail in details for i in issues_of(detail, model)]):
        base = at
        if issue.path and document.node((*at, issue.path[0])) is None:
            base = outer if document.node((*outer, issue.path[0])) is not None else at
        path = (*base, *_without_branches(issue, document, base))
        complaints.append(document.complaint_at(path, issue.text, key=issue.at_key))
    return complaints


def _without_branches(issue: Issue, document: Document, at: tuple[Key, ...]) -> tuple[Key, ...]:
    """An issue's path without the names of a union's branches, which no file has."""
    node = document.node(at)
    path: list[Key] = []
    for number, key in enumerate(issue.path):
        child = node.child(key) if node is not None else None
        if child is not None or (number == len(issue.path) - 1 and issue.missing):
            path.append(key)
        node = child or node
    return tuple(path)
