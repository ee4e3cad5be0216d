"""Arguments in files against parts of the catalogue: every complaint has its place."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from simulator.registry import Part, PartError, Registry, UnknownPart
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
    document : Document
    at : path of the map
        `("injects", 0)`.
    key : str
        The key whose value is the part's name: `fault`, `change`, `monitor`. Its arguments stand
        under `args` where the map has that key or the part is named by fault or change, else
        beside the name.
    registry : Registry
    extra : mapping, optional
        Arguments that stand elsewhere: an inject's `target`.

    Raises
    ------
    SourceError
        An unknown name, unknown or missing arguments, wrong types or values.
    """
    path = tuple(at)
    name = document.plain((*path, key))
    node = document.node(path)
    cls = _class(document, (*path, key), name, registry)
    inline = key not in ("fault", "change")
    values = {} if node is None or not isinstance(node.value, dict) else node.value
    if inline:
        args = {arg: child.plain() for arg, child in values.items() if arg != key}
        return _made(bind(document, path, cls, args))
    inner = values.get("args")
    given = inner.plain() if inner is not None else {}
    if not isinstance(given, dict):
        raise document.error_at((*path, "args"), "expected a map of arguments")
    return _made(bind(document, (*path, "args"), cls, {**given, **(extra or {})}, beside=path))


def unbound(document: Document, faults: Registry[Part], actions: Registry[Part]) -> list[Complaint]:
    """What is wrong with the names and arguments of a scenario's injects.

    It reads the document and not the model, so that it can be told together with what is wrong
    with the format.
    """
    found = Complaints()
    injects = document.plain(("injects",))
    for number, inject in enumerate(injects if isinstance(injects, list) else ()):
        at: tuple[Key, ...] = ("injects", number)
        given = inject if isinstance(inject, dict) else {}
        extra = {key: given[key] for key in ("target",) if isinstance(given.get(key), str)}
        with found.collecting():
            if "fault" in given:
                part_at(document, at, "fault", faults, extra=extra)
            elif "change" in given:
                part_at(document, at, "change", actions)
    return found.items


def action_at(document: Document, at: Iterable[Key], registry: Registry[P]) -> P | None:
    """The action that a playbook's `act: {name: args}` orders.

    Arguments with a `${reference}` are known only when the playbook runs: nothing is returned
    then, once everything else about them is right.
    """
    path = tuple(at)
    node = document.node(path)
    names = list(node.value) if node is not None and isinstance(node.value, dict) else []
    if len(names) != 1:
        raise document.error_at(
            path, "expected one action with its arguments: {scale: {replicas: 6}}"
        )
    cls = _class(document, (*path, names[0]), names[0], registry, at_key=True)
    args = document.plain((*path, names[0]))
    args = {} if args is None else args
    if not isinstance(args, dict):
        raise document.error_at((*path, names[0]), "expected a map of arguments")
    later = [arg for arg, value in args.items() if "${" in str(value)]
    return bind(document, (*path, names[0]), cls, args, later=later)


def bind(
    document: Document,
    at: tuple[Key, ...],
    cls: type[P],
    args: Mapping[str, Any],
    *,
    beside: tuple[Key, ...] = (),
    later: Iterable[str] = (),
) -> P | None:
    """A part of a class with arguments that stand at a path of a document.

    Parameters
    ----------
    beside : path
        Where arguments stand that are not below `at`.
    later : names of arguments
        Whose values are not known yet; nothing is returned where there are any.
    """
    waiting = set(later)
    try:
        made = cls.model_validate(args)
    except ValidationError as error:
        found = validation_complaints(error, document, cls, at, outer=beside, later=waiting)
        if found or not waiting:
            raise SourceError(found) from None
        return None
    return None if waiting else made


def check_name(
    document: Document, at: Iterable[Key], known: Iterable[str], noun: str, *, listing: str = ""
) -> Complaint | None:
    """A complaint where the name at a path is not one of those known.

    Examples
    --------
    >>> from pathlib import Path
    >>> from simulator.source import parse_text
    >>> root, _ = parse_text("{target: serfing}", Path("a.yaml"))
    >>> document = Document(Path("a.yaml"), root, Path("."))
    >>> print(check_name(document, ("target",), ["serving"], "stage"))
    a.yaml:1:10: target: unknown stage 'serfing'; did you mean 'serving'?
    """
    path, names = tuple(at), list(known)
    name = document.plain(path)
    if name is None or name in names:
        return None
    hint = f" ({listing})" if listing else ""
    return document.complaint_at(
        path, f"unknown {noun} {name!r}{did_you_mean(str(name), names)}{hint}"
    )


def _made(part: P | None) -> P:
    assert part is not None, "without references every argument is known"
    return part


def _class(
    document: Document,
    path: tuple[Key, ...],
    name: Any,
    registry: Registry[P],
    *,
    at_key: bool = False,
) -> type[P]:
    if not isinstance(name, str):
        raise document.error_at(path, f"expected the name of a {registry.noun}")
    try:
        return registry.get(name)
    except UnknownPart as error:
        raise document.error_at(path, str(error), key=at_key) from None
    except PartError as error:
        raise document.error_at(path, str(error), key=at_key) from error
