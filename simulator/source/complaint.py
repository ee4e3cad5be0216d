"""Complaints about files: each with its place, all reported at once."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

Key = str | int


class Position(NamedTuple):
    """A position in a file; line and column count from 1, line 0 means the whole file.

    Examples
    --------
    >>> print(Position(Path("a.yaml"), 14, 12))
    a.yaml:14:12
    """

    file: Path
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return _format_place(display_path(self.file), self.line, self.column)


class Complaint(NamedTuple):
    """One error in a file.

    Examples
    --------
    >>> print(Complaint("a.yaml", 14, 12, "injects[1].fault", "unknown fault 'memory_leek'"))
    a.yaml:14:12: injects[1].fault: unknown fault 'memory_leek'
    """

    file: str
    line: int
    column: int
    path: str
    text: str

    def __str__(self) -> str:
        return self._format("")

    def as_warning(self) -> str:
        """The line of a complaint that does not make the file unusable.

        Examples
        --------
        >>> Complaint("a.yaml", 3, 1, "target", "nobody owns it").as_warning()
        'a.yaml:3:1: warning: target: nobody owns it'
        """
        return self._format("warning")

    def _format(self, severity: str) -> str:
        place = _format_place(self.file, self.line, self.column)
        return ": ".join(part for part in (place, severity, self.path, self.text) if part)


def _format_place(file: str, line: int, column: int) -> str:
    return f"{file}:{line}:{column}" if line else file


class SourceError(Exception):
    """Unusable files; `complaints` lists every error, sorted by place."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(sorted(set(complaints)))
        super().__init__("\n".join(map(str, self.complaints)))

    def __reduce__(self) -> tuple[type["SourceError"], tuple[tuple[Complaint, ...]]]:
        return (SourceError, (self.complaints,))


class Complaints:
    """Complaints collected from several readings, to be raised together.

    Examples
    --------
    >>> complaints = Complaints()
    >>> with complaints.collecting():
    ...     raise SourceError([Complaint("a.yaml", 1, 1, "", "the file is empty")])
    >>> complaints.raise_if_any()
    Traceback (most recent call last):
    simulator.source.complaint.SourceError: a.yaml:1:1: the file is empty
    """

    def __init__(self) -> None:
        self.items: list[Complaint] = []

    def add(self, complaint: Complaint) -> None:
        self.items.append(complaint)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Catch a SourceError and keep its complaints."""
        try:
            yield
        except SourceError as error:
            self.items += error.complaints

    def raise_if_any(self) -> None:
        if self.items:
            raise SourceError(self.items)


def complaint_at(position: Position, path: Iterable[Key], text: str) -> Complaint:
    """A complaint about a position."""
    file = display_path(position.file)
    return Complaint(file, position.line, position.column, format_path(path), text)


def error_at(position: Position, path: Iterable[Key], text: str) -> SourceError:
    """An error with one complaint, to raise."""
    return SourceError([complaint_at(position, path, text)])


def format_path(path: Iterable[Key]) -> str:
    """A path in a document as text, at most 120 printable characters on one line.

    Examples
    --------
    >>> format_path(("injects", 1, "fault"))
    'injects[1].fault'
    """
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= 120 else text[:117] + "..."


def display_path(file: Path) -> str:
    """A file's name in messages: relative to the working directory if it is below it."""
    if not file.is_absolute():
        return str(file)
    working_directory = Path(os.getcwd())
    below = file.is_relative_to(working_directory)
    return str(file.relative_to(working_directory)) if below else str(file)
