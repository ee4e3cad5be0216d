"""What is wrong, and where: one line each, all of them at once."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

Key = str | int
_LINE = re.compile(r"(?P<file>.*?):(?P<line>\d+):(?P<column>\d+): (?P<text>.*)", re.DOTALL)


class Mark(NamedTuple):
    """A place in a file; line and column count from 1, line 0 is no particular place.

    Examples
    --------
    >>> print(Mark(Path("a.yaml"), 14, 12))
    a.yaml:14:12
    """

    file: Path
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return _place(shown(self.file), self.line, self.column)


class Complaint(NamedTuple):
    """One thing that is wrong.

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

    @classmethod
    def parse(cls, line: str) -> "Complaint":
        """A complaint that others wrote as a line.

        Examples
        --------
        >>> Complaint.parse("a.yml:3:5: groups[0]: unknown field 'nmae'").line
        3
        """
        found = _LINE.fullmatch(line)
        if not found:
            return cls("", 0, 0, "", line)
        return cls(found["file"], int(found["line"]), int(found["column"]), "", found["text"])

    def __str__(self) -> str:
        place = _place(self.file, self.line, self.column)
        return ": ".join(part for part in (place, self.path, self.text) if part)


def _place(file: str, line: int, column: int) -> str:
    return f"{file}:{line}:{column}" if line else file


class SourceError(Exception):
    """Files that cannot be used; `complaints` says everything that is wrong, in order."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(sorted(set(complaints)))
        super().__init__("\n".join(map(str, self.complaints)))

    def __reduce__(self) -> tuple[type["SourceError"], tuple[tuple[Complaint, ...]]]:
        return (SourceError, (self.complaints,))


class Complaints:
    """Gathers what several readings complain of, so that they are told at once.

    Examples
    --------
    >>> complaints = Complaints()
    >>> with complaints.gathered():
    ...     raise SourceError([Complaint("a.yaml", 1, 1, "", "the file is empty")])
    >>> complaints.settle()
    Traceback (most recent call last):
    simulator.source.complaint.SourceError: a.yaml:1:1: the file is empty
    """

    def __init__(self) -> None:
        self.found: list[Complaint] = []

    def add(self, complaint: Complaint) -> None:
        self.found.append(complaint)

    @contextmanager
    def gathered(self) -> Iterator[None]:
        try:
            yield
        except SourceError as error:
            self.found += error.complaints

    def settle(self) -> None:
        """Raise what was found, if anything was."""
        if self.found:
            raise SourceError(self.found)


def complain(mark: Mark, path: Iterable[Key], text: str) -> Complaint:
    """A complaint about a place."""
    return Complaint(shown(mark.file), mark.line, mark.column, say_path(path), text)


def say_path(path: Iterable[Key]) -> str:
    """Where in a document, as people write it.

    Examples
    --------
    >>> say_path(("injects", 1, "fault"))
    'injects[1].fault'
    """
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    # One line each, whatever is in a key.
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= 120 else text[:117] + "..."


def shown(file: Path) -> str:
    """A file's name as a message gives it: from here, where it is below here."""
    if not file.is_absolute():
        return str(file)
    here = Path(os.getcwd())
    return str(file.relative_to(here)) if file.is_relative_to(here) else str(file)
