"""Lookup of file names: in the folder of the file that names them, then among the shipped files."""

import os
import re
from functools import cache
from pathlib import Path

from simulator.source.complaint import Key, Position, error_at
from simulator.units import closest_match

# A format's first key, and the folder of its shipped files.
FOLDERS = {
    "drill": "scenarios",
    "pipeline": "scenarios/pipelines",
    "playbook": "playbooks",
    "oncall": "scenarios/oncall",
    "rubric": "scenarios/rubrics",
    "observations": "scenarios/observations",
    "groups": "scenarios/alerts",
    "route": "scenarios/alerts",
}
# A format's name in messages, if it is not its first key.
NOUNS = {
    "drill": "scenario",
    "oncall": "on-call file",
    "groups": "rule file",
    "route": "routing file",
    "observations": "file of observations",
}
# A file on the command line is told if it is of another of our formats.
CHECKED = frozenset({"playbook", "rubric", "observations"})
LISTING, LISTED = "drill list", ("drill", "playbook")  # the command that lists these formats
SUFFIXES = (".yaml", ".yml")
_VERSION = re.compile(r"^([a-z]+):\s+\d+\s", re.MULTILINE)
_TOP_KEY = re.compile(r"^([A-Za-z_]+):(?:\s|$)", re.MULTILINE)


@cache
def library_root() -> Path:
    """The folder with `scenarios/` and `playbooks/`: in the wheel, else in the repository."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "library"
    # An editable install has no packaged library: hatch's force-include makes it for wheels only.
    return packaged if (packaged / "scenarios").is_dir() else package.parent


def library_folders() -> tuple[Path, ...]:
    """The library's folders, in order of lookup."""
    root = library_root()
    return (root / "scenarios", root / "playbooks")


def shipped_files(kind: str) -> dict[str, Path]:
    """The shipped files of a format by bare name.

    Parameters
    ----------
    kind : str
        The format's first key: drill, pipeline, playbook, oncall, rubric, observations, groups,
        route.
    """
    folder = library_root() / FOLDERS[kind]
    files = sorted(file for file in folder.glob("*") if file.suffix in SUFFIXES)
    return {file.stem: file for file in files if kind_of(file) == kind}


@cache
def _kind_key(file: Path, changed_ns: int) -> str | None:
    with file.open("rb") as stream:
        head = stream.read(16_384).decode("utf-8", "replace")
    first = _TOP_KEY.search(head)
    if first and first[1] in FOLDERS:
        return first[1]
    # An Alertmanager file may begin with any key; only `route` is required.
    keys = set(_TOP_KEY.findall(head))
    if "extends" in keys:
        # A scenario that changes another has `oncall: people.yaml`: that is no on-call file.
        keys = set(_VERSION.findall(head))
    return next((kind for kind in FOLDERS if kind in keys), None)


def kind_of(file: Path) -> str | None:
    """A file's format by its first key; None if it is not a format of ours."""
    try:
        return _kind_key(file, file.stat().st_mtime_ns)
    except OSError:
        return None


def find_file(
    name: str, kind: str | None, folder: Path, home: Path, position: Position, path: tuple[Key, ...]
) -> Path:
    """The file that a name inside another file refers to.

    Parameters
    ----------
    name : str
        `pipelines/flight-delay.yaml`, or a bare `flight-delay`.
    kind : str or None
        The expected format, by its first key; None for data.
    folder : Path
        The folder of the file that contains the name.
    home : Path
        The folder that no name may leave by `..`, except into the library.
    position, path
        The place of the name, for the complaint.

    Raises
    ------
    SourceError
        There is no such file, or it is outside of `home`.
    """
    if not name or "\0" in name or len(name) > 1000:
        raise error_at(position, path, "not the name of a file")
    allowed = tuple(os.path.abspath(root) for root in (home, *library_folders()))
    outside = False
    for target in _lookup_paths(name, kind, folder):
        # Not resolve(): an author may link out of the folder on purpose.
        file = Path(os.path.abspath(target))
        if not any(file.is_relative_to(root) for root in allowed):
            outside = True
            continue
        for candidate in with_suffixes(file):
            if candidate.is_file() and _fits_bare_name(candidate, name, kind):
                return _check_kind(candidate, name, kind, position, path)
    if outside and (".." in Path(name).parts or Path(name).is_absolute()):
        text = f"{name!r} leaves the scenario's folder; put the file there, or name a shipped one"
        raise error_at(position, path, text)
    names = [name for key in ((kind,) if kind else FOLDERS) for name in shipped_files(key)]
    match = closest_match(Path(name).stem, names)
    hint = f"; did you mean {match!r}?" if match else ""
    if kind == "oncall" and not match:
        hint = f"; shipped are {', '.join(names)}"
    listing = f" ({LISTING})" if kind in LISTED else ""
    noun = NOUNS.get(kind or "", kind or "file")
    raise error_at(position, path, f"no {noun} {name!r}{hint}{listing}")


def _lookup_paths(name: str, kind: str | None, folder: Path) -> list[Path]:
    """Where a name may lie, in order of lookup."""
    paths = [folder / name, *(root / name for root in (*library_folders(), library_root()))]
    if "/" in name:
        return paths
    if kind is None:
        return [*paths, *(library_root() / shelf / name for shelf in FOLDERS.values())]
    shelf = FOLDERS[kind]
    return [folder / shelf.rpartition("/")[2] / name, *paths, library_root() / shelf / name]


def locate_file(name: str, kind: str | None = None) -> Path:
    """The file named on the command line: a path anywhere, else a shipped file.

    Raises
    ------
    SourceError
        There is no such file; the message names the closest shipped file.
    """
    position = Position(Path(name))
    for candidate in with_suffixes(Path(name)) if name else ():
        if candidate.is_file():
            return (
                _check_kind(candidate, name, kind, position, ()) if kind in CHECKED else candidate
            )
    if not name or Path(name).is_dir():
        raise error_at(position, (), "is a folder, expected a file")
    if Path(name).exists():
        raise error_at(position, (), "is not a regular file")
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise error_at(position, (), "no such file")
    working_directory = Path.cwd()
    return find_file(name, kind, working_directory, working_directory, position, ())


def with_suffixes(file: Path) -> list[Path]:
    """The files that a name may mean: itself, or with the suffixes of YAML."""
    if file.suffix or not file.name:  # `.` has no name
        return [file]
    return [file, *(file.with_name(file.name + suffix) for suffix in SUFFIXES)]


def _check_kind(
    file: Path, name: str, kind: str | None, position: Position, path: tuple[Key, ...]
) -> Path:
    """The file, unless it is of another format than expected."""
    other = kind_of(file)
    if kind is None or other in (kind, None):
        return file
    nouns = [NOUNS.get(key, key) or "" for key in (other, kind)]
    is_a, expected = (f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}" for noun in nouns)
    text = f"{name!r} is {is_a}, expected {expected}"
    raise error_at(position, path, text)


def _fits_bare_name(file: Path, name: str, kind: str | None) -> bool:
    """A name without suffix only fits its format: a drill and a playbook may share a name."""
    return kind is None or bool(Path(name).suffix) or kind_of(file) == kind
