"""Parts, one a file, and the registries that list a folder's parts."""

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import ConfigDict

from simulator.units import did_you_mean
from simulator.units.field_docs import Documented

P = TypeVar("P", bound="Part")
P_co = TypeVar("P_co", bound="Part", covariant=True)
Args = Mapping[str, Any]  # as in YAML


class Part(Documented):
    """A part of the catalogue; its fields are its arguments in YAML.

    `kind` is its name in YAML, the name of its file.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        allow_inf_nan=False,
        populate_by_name=True,
    )
    kind: ClassVar[str] = ""
    # Fields that are not among the arguments in YAML.
    outside_args: ClassVar[tuple[str, ...]] = ()
    # Arguments for `example_args`, where the fields do not determine them, and keys that a
    # pipeline needs, `serving.` for its server.
    example: ClassVar[Args] = {}
    example_pipeline: ClassVar[Args] = {}

    @classmethod
    def facts(cls) -> dict[str, str]:
        """Entries of the catalogue other than the arguments."""
        return {}


class Refers:
    """Marks a field whose value is a name of some kind: a job, a feature, a person.

    If all names of the kind are known before a run, binding checks that the name exists. A
    `claim` may be wrong.
    """

    def __init__(self, to: str, *, claim: bool = False) -> None:
        self.to, self.claim = to, claim


class FreeText:
    """Marks a text that names nothing: `Annotated[str, FreeText]`."""


class PartError(Exception):
    """A file of the catalogue without a valid part, or one that fails to import."""


class UnknownPart(LookupError):
    """A name that the catalogue does not have."""

    def __init__(self, noun: str, name: str, names: Iterable[str], plural: str = "") -> None:
        self.noun, self.name = noun, name
        where = f"drill catalogue {plural or noun + 's'}"
        super().__init__(f"unknown {noun} {name!r}{did_you_mean(name, names)} ({where})")


def part(cls: type[P]) -> type[P]:
    """Mark a file's class that the catalogue lists.

    Examples
    --------
    >>> @part
    ... class Leak(Part):
    ...     '''Memory that is never freed.'''
    >>> Leak.kind == __name__.rpartition(".")[2]
    True
    """
    if not (isinstance(cls, type) and issubclass(cls, Part)):
        raise PartError(f"@part wants a subclass of Part, given {cls!r}")
    cls.kind = cls.__module__.rpartition(".")[2]
    return cls


class Registry(Generic[P_co]):
    """The parts of one folder, and those of other packages' entry points.

    Parameters
    ----------
    package : str
        The folder as a package, `simulator.faults`; also the group of the entry points.
    base : type
        The base class of its parts.
    noun : str
        The noun of a part in messages.

    Examples
    --------
    >>> faults = Registry("simulator.faults", Part, "fault")
    >>> faults
    Registry('simulator.faults')
    """

    def __init__(self, package: str, base: type[P_co], noun: str) -> None:
        self.package, self.base, self.noun = package, base, noun
        self.plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
        self._loaded: dict[str, type[P_co]] = {}

    def __repr__(self) -> str:
        return f"Registry({self.package!r})"

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def names(self) -> tuple[str, ...]:
        """The names of the parts, sorted; imports no part.

        Raises
        ------
        PartError
            The folder is missing, or two parts have the same name.
        """
        return tuple(sorted(self._modules))

    def get(self, name: str) -> type[P_co]:
        """The part of a name; imports only its file.

        Raises
        ------
        UnknownPart
            There is none; the message names the closest.
        PartError
            Its file fails to import, or does not declare exactly one part.
        """
        if name not in self._modules:
            raise UnknownPart(self.noun, name, self.names(), self.plural)
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def all(self) -> dict[str, type[P_co]]:
        """Every part by its name; imports all of them."""
        return {name: self.get(name) for name in self.names()}

    @cached_property
    def _modules(self) -> dict[str, str]:
        modules = {name: f"{self.package}.{name}" for name in self._files()}
        for name, module in _entry_points(self.package):
            if name in modules:
                raise PartError(f"{self.noun} {name!r} is in {modules[name]} and in {module}")
            modules[name] = module
        return modules

    def _files(self) -> list[str]:
        spec = _spec(self.package)
        if spec is None or spec.submodule_search_locations is None:
            raise PartError(f"no folder {self.package!r} to find {self.plural} in")
        modules = pkgutil.iter_modules(spec.submodule_search_locations)
        return [module.name for module in modules if not module.name.startswith("_")]

    def _load(self, name: str) -> type[P_co]:
        path = self._modules[name]
        try:
            module = importlib.import_module(path)
        except Exception as error:
            raise PartError(f"{self.noun} {name!r}: {path} fails to import: {error}") from error
        marked = list(_marked(module))
        if len(marked) != 1:
            raise PartError(f"{path}: expected one class marked @part, found {len(marked)}")
        cls = marked[0]
        if not issubclass(cls, self.base):
            raise PartError(f"{path}: {cls.__name__} is not a {self.base.__name__}")
        if cls.kind != name:
            raise PartError(f"{path}: declares {cls.kind!r}, is listed as {name!r}")
        return cls


def _spec(package: str) -> ModuleSpec | None:
    # An imported folder may have no parent on disk (in tests).
    if package in sys.modules:
        return sys.modules[package].__spec__
    try:
        return find_spec(package)
    except ModuleNotFoundError:
        return None


def _entry_points(group: str) -> list[tuple[str, str]]:
    # Deferred: importlib.metadata takes some 20 ms, a good part of `drill --help`.
    from importlib.metadata import entry_points

    return [(point.name, point.module) for point in entry_points(group=group)]


def _marked(module: ModuleType) -> Iterator[type[Any]]:
    for value in vars(module).values():
        own = isinstance(value, type) and value.__module__ == module.__name__
        if own and issubclass(value, Part) and "kind" in vars(value):
            yield value
