"""Where names in files lead: the file's own folder, then what is shipped."""

import os
import re
from functools import cache
from pathlib import Path

from simulator.source.complaint import Key, Mark, SourceError, complain
from simulator.units import closest_match

# The first key of a format, where its shipped files are, and what messages call it.
FOLDERS = {
    "drill": "scenarios",
    "pipeline": "scenarios/pipelines",
    "playbook": "playbooks",
    "oncall": "scenarios/oncall",
    "rubric": "scenarios/rubrics",
    "groups": "scenarios/alerts",
    "route": "scenarios/alerts",
}
NOUNS = {
    "drill": "scenario",
    "oncall": "on-call file",
    "groups": "rule file",
    "route": "routing file",
}
LISTING, LISTED = "drill list", ("drill", "playbook")  # what prints the names of these
SUFFIXES = (".yaml", ".yml")
_FIRST_KEY = re.compile(r"^([A-Za-z_]+):(?:\s|$)", re.MULTILINE)


@cache
def shipped() -> Path:
    """The folder that holds `scenarios/` and `playbooks/`: in the wheel, else in the repository."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "library"
    # An editable install has no packaged library: hatch's force-include makes it for wheels only.
    return packaged if (packaged / "scenarios").is_dir() else package.parent


def roots() -> tuple[Path, ...]:
    """The library's roots, in the order in which a name is looked up in them."""
    base = shipped()
    return (base / "scenarios", base / "playbooks")


def shipped_files(kind: str) -> dict[str, Path]:
    """What is shipped of a format, by bare name.

    Parameters
    ----------
    kind : str
        The format's first key: drill, pipeline, playbook, oncall, rubric, groups, route.
    """
    folder = shipped() / FOLDERS[kind]
    files = sorted(file for file in folder.glob("*") if file.suffix in SUFFIXES)
    return {file.stem: file for file in files if kind_of(file) == kind}


@cache
def _first_key(file: Path, changed_ns: int) -> str | None:
    with file.open("rb") as stream:
        head = stream.read(16_384).decode("utf-8", "replace")
    found = _FIRST_KEY.search(head)
    if found and found[1] in FOLDERS:
        return found[1]
    # Alertmanager's files may begin with anything; of theirs `route` is the one that must be.
    keys = set(_FIRST_KEY.findall(head))
    return next((kind for kind in FOLDERS if kind in keys), None)


def kind_of(file: Path) -> str | None:
    """A file's format by its first key; nothing where it is none of ours."""
    try:
        return _first_key(file, file.stat().st_mtime_ns)
    except OSError:
        return None


def find(
    name: str, kind: str | None, beside: Path, home: Path, mark: Mark, path: tuple[Key, ...]
) -> Path:
    """The file that a name in a file means.

    Parameters
    ----------
    name : str
        `pipelines/flight-delay.yaml`, or a bare `flight-delay`.
    kind : str or None
        The format wanted, by its first key; None for data.
    beside : Path
        The folder of the file that has the name in it.
    home : Path
        The folder that no name may leave by `..`, the library aside.
    mark, path
        Where the name stands, for the complaint.

    Raises
    ------
    SourceError
        There is no such file, or it lies outside of `home`.
    """
    if not name or "\0" in name or len(name) > 1000:
        raise SourceError([complain(mark, path, "not the name of a file")])
    within = tuple(os.path.abspath(root) for root in (home, *roots()))
    tried = [beside / name, *(root / name for root in (*roots(), shipped()))]
    if "/" not in name:
        more = FOLDERS.values() if kind is None else ()
        tried += [shipped() / folder / name for folder in more]
    if kind and "/" not in name:
        tried = [
            beside / FOLDERS[kind].rpartition("/")[2] / name,
            *tried,
            shipped() / FOLDERS[kind] / name,
        ]
    outside = False
    for stem in tried:
        # Not resolve(): a link that an author put into the folder is theirs to follow.
        file = Path(os.path.abspath(stem))
        if not any(file.is_relative_to(root) for root in within):
            outside = True
            continue
        for candidate in _candidates(file):
            if candidate.is_file() and _suits(candidate, name, kind):
                return _wanted(candidate, name, kind, mark, path)
    if outside and (".." in Path(name).parts or Path(name).is_absolute()):
        text = f"{name!r} leaves the scenario's folder; put the file there, or name a shipped one"
        raise SourceError([complain(mark, path, text)])
    known = [name for one in ((kind,) if kind else FOLDERS) for name in shipped_files(one)]
    noun = NOUNS.get(kind or "", kind or "file")
    listing = f" ({LISTING})" if kind in LISTED else ""
    text = f"no {noun} {name!r}{_meant(Path(name).stem, known)}{listing}"
    raise SourceError([complain(mark, path, text)])


def _meant(stem: str, known: list[str]) -> str:
    close = closest_match(stem, known)
    return f"; did you mean {close!r}?" if close else ""


def locate(name: str, kind: str | None = None) -> Path:
    """The file that a person named on the command line: a path anywhere, else what is shipped.

    Raises
    ------
    SourceError
        There is no such file; the message names the nearest shipped one.
    """
    mark = Mark(Path(name))
    for candidate in _candidates(Path(name)) if name else ():
        if candidate.is_file():
            return _wanted(candidate, name, kind, mark, ()) if kind == "playbook" else candidate
    if not name or Path(name).is_dir():
        raise SourceError([complain(mark, (), "is a folder, expected a file")])
    if Path(name).exists():
        raise SourceError([complain(mark, (), "is no plain file")])
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise SourceError([complain(mark, (), "no such file")])
    here = Path.cwd()
    return find(name, kind, here, here, mark, ())


def _candidates(file: Path) -> list[Path]:
    if file.suffix or not file.name:  # `.` has no name
        return [file]
    return [file, *(file.with_name(file.name + suffix) for suffix in SUFFIXES)]


def _wanted(file: Path, name: str, kind: str | None, mark: Mark, path: tuple[Key, ...]) -> Path:
    """The file, unless it is plainly of another format than the one wanted."""
    other = kind_of(file)
    if kind is None or other in (kind, None):
        return file
    text = f"{name!r} is a {NOUNS.get(other, other)}, expected a {NOUNS.get(kind, kind)}"
    raise SourceError([complain(mark, path, text)])


def _suits(file: Path, name: str, kind: str | None) -> bool:
    """A bare name means a file of the wanted format: a drill and a playbook may share theirs."""
    return kind is None or bool(Path(name).suffix) or kind_of(file) == kind
