"""What may be ordered, one file each: `ls` is the list, `drill catalogue actions` prints it.

An action changes facts of the world, never a fault: if the fact on which a fault bites is
changed, its laws no longer bend. It takes simulated time (it yields ms), ends `done` with
what it returns, or `failed` and then nothing was changed::

    @part
    class PauseReleases(Action):
        '''No new version is promoted until releases go on.'''

        def act(self, site):
            yield 10_000
            site.world.releases.paused = True
            return "releases are paused"
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import (
    Args,
    FreeText,
    Part,
    Refers,
    Registry,
    reference_of,
    unknown_name,
)
from simulator.source import Issue, Key

if TYPE_CHECKING:
    from simulator.alerting.alertmanager import Alertmanager
    from simulator.oncall.desk import Desk

# What an action may return: a note, or a note with facts that later players read.
Result = str | tuple[str, dict[str, Any]]
Acting = Generator[int, None, Result]


# What an argument names: a playbook's are held against what a scenario has.
Component = Annotated[str, Refers("component")]
Team = Annotated[str, Refers("team")]
Thing = Annotated[str, Refers("thing")]
Text = Annotated[str, FreeText]


class Failed(Exception):
    """An order that definitely changed nothing, and why."""


def find(name: str, names: Iterable[str], what: str) -> int:
    """Which of the names it is.

    Raises
    ------
    Failed
        If it is none of them.

    Examples
    --------
    >>> find("train", ["ingest", "train"], "job")
    1
    """
    there = list(names)
    if name not in there:
        raise Failed(f"no {what} {name!r}; there are {', '.join(there) or 'none'}")
    return there.index(name)


@dataclass
class Site:
    """What an action can reach: the facts, the alerting, the people; never the faults."""

    world: World
    params: Params  # the unbent laws
    alertmanager: Alertmanager
    oncall: Desk
    actor: str  # a team, or a system actor
    order: int
    facilitator: bool  # an actor of the scenario: it may do what it likes
    now: Callable[[], int]
    message: Callable[[str, str, str], None]  # from, to, text
    informable: tuple[str, ...]  # whom a status update can reach


class Action(Part):
    """Base of all actions.

    Class attributes
    ----------------
    changes_world : whether the pipeline is different after it (else it is talk).
    instant : whether it takes no simulated time.
    leaves : the debts that it leaves until it is undone, by name.
    undo : the order that undoes its example, kind and arguments (of its own kind: the arguments
        that differ); None if its time ends it.
    failing : arguments with which it definitely fails, besides unknown names.
    """

    changes_world: ClassVar[bool] = True
    instant: ClassVar[bool] = False
    leaves: ClassVar[tuple[str, ...]] = ()
    undo: ClassVar[tuple[str, Args] | None] = None
    failing: ClassVar[tuple[Args, ...]] = ()

    @classmethod
    def facts(cls) -> dict[str, str]:
        return {"leaves": ", ".join(cls.leaves)} if cls.leaves else {}

    @classmethod
    def failing_args(cls) -> list[dict[str, Any]]:
        """Sets of arguments with which it definitely fails: `failing`, and unknown names."""
        explicit = {key for args in cls.failing for key in args}
        unknown = [
            {key: unknown_name(info)}
            for key, info in cls.model_fields.items()
            if (reference := reference_of(info)) and not reference.claim and key not in explicit
        ]
        return [*map(dict, cls.failing), *unknown]

    def act(self, site: Site) -> Acting:
        """Do it: yield how long each part takes, in ms; return a note.

        Raises
        ------
        Failed
            If it cannot be done; nothing was changed.
        """
        raise NotImplementedError

    def issues(self) -> Iterator[Issue]:
        """What of its arguments can be right in no pipeline, each with its path.

        Whoever writes them in a file is told so before a run; in a run the action fails.
        """
        return iter(())


ACTIONS: Registry[Action] = Registry("simulator.actions", Action, "action")


def arguments(kind: str, args: Mapping[str, Any]) -> Iterator[tuple[tuple[Key, ...], str, str]]:
    """Those of an order that name something: each with its path, what it names, and the name.

    References to what a playbook has not found yet name nothing, and nor does what is empty.

    Examples
    --------
    >>> list(arguments("status_update", {"to": ["product"], "text": "all is well"}))
    [(('to', 0), 'person', 'product')]
    """
    for key, info in ACTIONS.get(kind).model_fields.items():
        for mark in info.metadata:
            if isinstance(mark, Refers):
                for path, name in _names(args.get(key), (key,)):
                    yield path, mark.to, name


def _names(given: Any, at: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str]]:
    if isinstance(given, list | tuple):
        for number, one in enumerate(given):
            yield from _names(one, (*at, number))
    elif given not in (None, "") and "${" not in str(given):
        yield at, str(given)
