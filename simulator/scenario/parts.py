"""Arguments in files, validated against parts of the catalogue: every complaint has its place."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BeforeValidator, ValidationError

from simulator.registry import Part, PartError, Registry, UnknownPart
from simulator.scenario.playbook import SHORTHANDS
from simulator.source import (
    Complaint,
    Complaints,
    Document,
    Key,
    SourceError,
    validation_complaints,
)
from simulator.units import did_you_mean

P = TypeVar("P", bound=Part)
Path = tuple[Key, ...]


def part_at(
    document: Document,
    at: Iterable[Key],
    key: str,
    registry: Registry[P],
    *,
    extra: Mapping[str, Any] | None = None,
) -> P:
    """The part that a map of a document names, with its arguments.

    Parameters
    ----------
    at : path of the map
        `("injects", 0)`.
    key : str
        The key of the part's name: `fault`, `change`, `monitor`. The arguments of a fault or
        change are below `args`, those of other parts beside the name.
    extra : mapping, optional
        Arguments from elsewhere: an inject's `target`.

    Raises
    ------
    SourceError
        An unknown name, unknown or missing arguments, wrong types or values.
    """
    path = tuple(at)
    cls = _class(document, (*path, key), document.plain((*path, key)), registry)
    node = document.node(path)
    values = {} if node is None or not isinstance(node.value, dict) else node.value
    if key not in ("fault", "change"):
        beside = {arg: child.plain() for arg, child in values.items() if arg != key}
        return _whole(bind(document, path, cls, beside))
    args = values["args"].plain() if "args" in values else {}
    if not isinstance(args, dict):
        raise document.error_at((*path, "args"), "expected a map of arguments")
    args = {**args, **(extra or {})}
    return _whole(bind(document, (*path, "args"), cls, args, beside=path))


def argument_complaints(
    document: Document, faults: Registry[Part], actions: Registry[Any]
) -> list[Complaint]:
    """Complaints about names and arguments in the injects and playbooks of a scenario.

    They come from the document and not from the model, so that `drill check` reports them
    together with errors of the format.
    """
    complaints = Complaints()
    injects = document.plain(("injects",))
    for number, inject in enumerate(injects if isinstance(injects, list) else ()):
        at: Path = ("injects", number)
        keys = inject if isinstance(inject, dict) else {}
        extra = {"target": keys["target"]} if isinstance(keys.get("target"), str) else {}
        with complaints.collecting():
            if "fault" in keys:
                part_at(document, at, "fault", faults, extra=extra)
            elif "change" in keys:
                part_at(document, at, "change", actions)
    for key in ("responder", "par"):
        complaints.items += order_complaints(document, (key,), actions)
    return complaints.items


def order_complaints(document: Document, at: Path, actions: Registry[Part]) -> list[Complaint]:
    """Complaints about the orders of the playbook at a path of a document."""
    complaints = Complaints()
    for path, step in _steps(document.plain((*at, "steps")), (*at, "steps")):
        for verb in step:
            if verb in ("act", *SHORTHANDS) and isinstance(step[verb], dict):
                with complaints.collecting():
                    order_at(document, (*path, verb), actions)
    return complaints.items


def order_at(document: Document, at: Iterable[Key], actions: Registry[P]) -> P | None:
    """The action that a step orders by the verb at a path, `act: {name: args}` or `name: args`.

    Returns
    -------
    Part or None
        None if an argument holds a `${reference}`, whose value is unknown until the playbook
        runs, and the other arguments are valid.
    """
    path = tuple(at)
    if path[-1] != "act":
        return _order(document, path, actions.get(SHORTHANDS[str(path[-1])]))
    node = document.node(path)
    names = list(node.value) if node is not None and isinstance(node.value, dict) else []
    if len(names) != 1:
        raise document.error_at(
            path, "expected one action with its arguments: {scale: {replicas: 6}}"
        )
    path = (*path, names[0])
    return _order(document, path, _class(document, path, names[0], actions, at_key=True))


def _order(document: Document, path: Path, cls: type[P]) -> P | None:
    args = document.plain(path)
    args = {} if args is None else args
    if not isinstance(args, dict):
        raise document.error_at(path, "expected a map of arguments")
    later = [arg for arg, value in args.items() if "${" in str(value)]
    for arg in later:
        if _is_strict_number(cls, arg):
            text = "a reference is filled in as text; expected a whole number"
            raise document.error_at((*path, arg), text)
    return bind(document, path, cls, args, later=later)


def _is_strict_number(cls: type[Part], arg: str) -> bool:
    """Whether an argument is a whole number, and no text is read as one."""
    info = cls.model_fields.get(arg)
    return (
        info is not None
        and info.annotation is int
        and not any(isinstance(mark, BeforeValidator) for mark in info.metadata)
    )


def _steps(steps: Any, at: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every step below a list of steps as written, with its path; nothing else is."""
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if not isinstance(step, dict):
            continue
        path = (*at, number)
        yield path, step
        branches = step.get("branch")
        for i, branch in enumerate(branches if isinstance(branches, list) else ()):
            if isinstance(branch, dict):
                yield from _steps(branch.get("steps"), (*path, "branch", i, "steps"))
        yield from _steps(step.get("otherwise"), (*path, "otherwise"))


def bind(
    document: Document,
    at: Path,
    cls: type[P],
    args: Mapping[str, Any],
    *,
    beside: Path = (),
    later: Iterable[str] = (),
) -> P | None:
    """A part of a class with the arguments at a path of a document.

    Parameters
    ----------
    beside : path
        The place of arguments that are not below `at`.
    later : names of arguments
        Arguments without a value yet; the result is None if there are any.
    """
    unknown = set(later)
    try:
        part = cls.model_validate(args)
    except ValidationError as error:
        complaints = validation_complaints(error, document, cls, at, outer=beside, later=unknown)
        if complaints or not unknown:
            raise SourceError(complaints) from None
        return None
    return None if unknown else part


def check_name(
    document: Document, at: Iterable[Key], existing: Iterable[str], noun: str, *, listing: str = ""
) -> Complaint | None:
    """A complaint if the name at a path is unknown.

    Examples
    --------
    >>> from pathlib import Path
    >>> from simulator.source import parse_text
    >>> root, _ = parse_text("{target: serfing}", Path("a.yaml"))
    >>> document = Document(Path("a.yaml"), root, Path("."))
    >>> print(check_name(document, ("target",), ["serving"], "stage"))
    a.yaml:1:10: target: unknown stage 'serfing'; did you mean 'serving'?
    """
    path, names = tuple(at), list(existing)
    name = document.plain(path)
    if name is None or name in names:
        return None
    hint = f" ({listing})" if listing else ""
    return document.complaint_at(
        path, f"unknown {noun} {name!r}{did_you_mean(str(name), names)}{hint}"
    )


def _whole(part: P | None) -> P:
    assert part is not None, "without references every argument has a value"
    return part


def _class(
    document: Document, path: Path, name: Any, registry: Registry[P], *, at_key: bool = False
) -> type[P]:
    if not isinstance(name, str):
        raise document.error_at(path, f"expected the name of a {registry.noun}")
    try:
        return registry.get(name)
    except UnknownPart as error:
        raise document.error_at(path, str(error), key=at_key) from None
    except PartError as error:
        raise document.error_at(path, str(error), key=at_key) from error
