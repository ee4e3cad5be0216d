"""Named grades of a run: `grades/NAME.json` in its folder, beside the scores of the drill itself.

A grade keeps its rubric and its observations, so that the run can be graded again with them.
"""

from pathlib import Path
from typing import Any

import msgspec

from simulator.run import Run, RunError
from simulator.run.folder import write_text
from simulator.score.scores import FORMAT as SCORES_FORMAT
from simulator.score.scores import Scores
from simulator.units import did_you_mean

FORMAT = 1
FOLDER = "grades"


class NamedGrade(msgspec.Struct, frozen=True, kw_only=True):
    """A grade of a run with the rubric and the observations that it was made with.

    Attributes
    ----------
    rubric : dict
        The content of the rubric's file.
    observations : dict or None
        The content of the file of observations.
    """

    format: int = FORMAT
    name: str
    rubric: dict[str, Any]
    observations: dict[str, Any] | None = None
    scores: Scores


class _ScoresStart(msgspec.Struct):
    """The format and the digest of any scores."""

    format: object = None
    digest: object = None


class _GradeStart(msgspec.Struct):
    """The formats of any grade, and the digest of its run."""

    format: object = None
    scores: _ScoresStart = msgspec.field(default_factory=_ScoresStart)


def grade_file(folder: Path, name: str) -> Path:
    """The file of a grade in a run's folder.

    Examples
    --------
    >>> grade_file(Path("reports/first-shift-1"), "strict").as_posix()
    'reports/first-shift-1/grades/strict.json'
    """
    return folder / FOLDER / f"{name}.json"


def grade_names(folder: Path) -> list[str]:
    """The names of a run's grades, in order."""
    return sorted(path.stem for path in (folder / FOLDER).glob("*.json"))


def read_grade(run: Run, name: str) -> NamedGrade:
    """A grade of a run.

    Raises
    ------
    RunError
        If there is none of this name, or the file is damaged or of another run.
    """
    assert run.folder is not None, "a run in memory has no grades"
    path = grade_file(run.folder, name)
    if not path.is_file():
        hint = did_you_mean(name, grade_names(run.folder))
        raise RunError(f"{run.folder}: has no grade {name!r}{hint}")
    content = path.read_bytes()
    try:
        start = msgspec.json.decode(content, type=_GradeStart)
        if start.format == FORMAT and start.scores.digest != run.digest:
            other = f"digest {start.scores.digest}, this run has {run.digest}"
            raise RunError(f"{path}: a grade of another run: {other}")
        if (start.format, start.scores.format) != (FORMAT, SCORES_FORMAT):
            raise RunError(f"{path}: has another format: grade the run again")
        return msgspec.json.decode(content, type=NamedGrade)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RunError(f"{path}: is damaged; delete it, and grade the run again") from None


def write_grade(run: Run, grade: NamedGrade, force: bool = False) -> Path:
    """Write a grade into its run's folder; the others stay as they are.

    Raises
    ------
    RunError
        If there is one of this name and `force` is not set.
    """
    assert run.folder is not None, "a run in memory has no grades"
    path = grade_file(run.folder, grade.name)
    if path.exists() and not force:
        raise RunError(f"{path}: exists; replace it with --force, or choose another with --name")
    path.parent.mkdir(exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(grade), indent=2).decode()
    write_text(path, text + "\n")
    return path
