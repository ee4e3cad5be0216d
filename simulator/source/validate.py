"""A document to a model: everything that is wrong with it at once, each with its place."""

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from simulator.source.complaint import Complaint, Key, SourceError
from simulator.source.document import Document
from simulator.source.words import Said, say

M = TypeVar("M", bound=BaseModel)


def validate(document: Document, model: type[M], at: Iterable[Key] = ()) -> M:
    """The model that a document, or the part of it at a path, describes.

    Raises
    ------
    SourceError
        With every complaint: unknown and missing keys, wrong types and values, and what reading
        the file found.

    Examples
    --------
    >>> from pathlib import Path
    >>> from simulator.source import read_text
    >>> class Stage(BaseModel, extra="forbid"):
    ...     replicas: int
    >>> root, _ = read_text("replica: 4", Path("a.yaml"))
    >>> validate(Document(Path("a.yaml"), root, Path(".")), Stage)
    Traceback (most recent call last):
    simulator.source.complaint.SourceError: a.yaml:1:1: replica: unknown key; did you mean ...
    a.yaml:1:1: replicas: is missing
    """
    path = tuple(at)
    try:
        value = model.model_validate(document.plain(path))
    except ValidationError as error:
        found = [*document.complaints, *complaints(error, document, model, path)]
        raise SourceError(found) from None
    if document.complaints:
        raise SourceError(document.complaints)
    return value


def complaints(
    error: ValidationError,
    document: Document,
    model: type[BaseModel],
    at: tuple[Key, ...] = (),
    *,
    beside: tuple[Key, ...] = (),
    later: Iterable[str] = (),
) -> list[Complaint]:
    """Pydantic's errors with their places in the document.

    Parameters
    ----------
    beside : path
        Where fields stand that are not below `at`: an inject's `target` beside its `args`.
    later : names of fields
        Whose values are not known yet: nothing is said about them.
    """
    waiting = set(later)
    found = []
    for detail in error.errors(include_url=False):
        if detail["loc"] and detail["loc"][0] in waiting:
            continue
        for said in say(detail, model):
            base = at
            if said.path and document.node((*at, said.path[0])) is None:
                base = beside if document.node((*beside, said.path[0])) is not None else at
            path = (*base, *_clean(said, document, base))
            found.append(document.complain(path, said.text, key=said.at_key))
    return found


def _clean(said: Said, document: Document, at: tuple[Key, ...]) -> tuple[Key, ...]:
    """A path without the names of a union's branches, which stand in no file."""
    node = document.node(at)
    clean: list[Key] = []
    for number, key in enumerate(said.path):
        child = node.child(key) if node is not None else None
        if child is not None or (number == len(said.path) - 1 and said.missing):
            clean.append(key)
        node = child or node
    return tuple(clean)
