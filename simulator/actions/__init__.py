"""Actions that players can order, one a file; `drill catalogue actions` lists them.

An action changes facts of the world, never a fault: if the fact on which a fault bites is
changed, its laws no longer bend. It takes simulated time (it yields ms) and ends `done` with
the result that it returns, or `failed`, and then nothing was changed::

    @part
    class PauseReleases(Action):
        '''Pause promotions: no new version goes out.'''

        effect = "world"
        reversible = True

        def act(self, site):
            yield 10_000
            site.world.releases.paused = True
            return "releases are paused"
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Protocol

from pydantic.fields import FieldInfo

from simulator.oncall.command.rights import Actor, Targets
from simulator.pipeline.cluster.nodes import CLUSTER
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import (
    Args,
    FreeText,
    Part,
    Refers,
    Registry,
    part,
    reference_of,
    unknown_name,
)
from simulator.source import Issue, Key

if TYPE_CHECKING:
    from simulator.alerting.alertmanager import Alertmanager
    from simulator.oncall.command.incident_command import IncidentCommand
    from simulator.oncall.command.rights import Rights
    from simulator.oncall.paging.pager import Pager

# All that the file of an action imports from the catalogue.
__all__ = [
    "ACTIONS",
    "RESPONDER",
    "Action",
    "ActionFailed",
    "ActionSteps",
    "Args",
    "Component",
    "DirectorDesk",
    "Effect",
    "FreeText",
    "ProcessName",
    "Refers",
    "Site",
    "Team",
    "Text",
    "index_of",
    "part",
    "references",
    "with_defaults",
]  # fmt: skip
# A note, or a note with facts that the player who ordered it can read.
Result = str | tuple[str, dict[str, Any]]
ActionSteps = Generator[int, None, Result]
Effect = Literal["world", "people", "talk"]
# The role of players who answer an incident.
RESPONDER = "responder"
# The kinds of components that orders are about; of nodes the cluster is owned.
NODES = frozenset({"node", "server"})
NODE = "node-"
TARGETS = NODES | {
    "component", "feature", "feature view", "job", "pool", "thing", "training run", "volume",
}  # fmt: skip

# The kind of thing that an argument names, checked against the scenario of a playbook.
Component = Annotated[str, Refers("component")]
Team = Annotated[str, Refers("team")]
ProcessName = Annotated[str, Refers("thing")]
Text = Annotated[str, FreeText]


class ActionFailed(Exception):
    """An order that definitely changed nothing, with the reason."""


def index_of(name: str, names: Iterable[str], noun: str) -> int:
    """The index of a name.

    Raises
    ------
    ActionFailed
        If it is unknown.

    Examples
    --------
    >>> index_of("train", ["ingest", "train"], "job")
    1
    """
    existing = list(names)
    if name not in existing:
        raise ActionFailed(f"no {noun} {name!r}; there are {', '.join(existing) or 'none'}")
    return existing.index(name)


class DirectorDesk(Protocol):
    """The director of a run, as facilitators reach it; its methods raise `ActionFailed`."""

    def check_inject(self, spec: Args) -> None:
        """Fail if an inject is wrong; it is written as in a scenario, without a time."""

    def inject(self, spec: Args) -> str:
        """Start an inject in the next tick; return its id."""

    def message(self, sender: str, to: str, text: str) -> None:
        """Deliver a message."""

    def end(self, reason: str) -> None:
        """End the drill with this tick."""


@dataclass
class Site:
    """Everything that an action can reach: facts, alerting and people, never the faults."""

    world: World
    params: Params  # the unbent laws
    alertmanager: Alertmanager
    oncall: Pager
    actor: str  # a player, a simulated person or team, or the director
    team: str  # the actor's
    order: int
    facilitator: bool  # an actor of the scenario, without the limits of players
    now: Callable[[], int]
    message: Callable[[str, str, str], None]  # from, to, text
    informable: tuple[str, ...]  # recipients of status updates
    assignable: tuple[str, ...]  # players, teams and people, who can hold a role
    plays: str  # the played team
    command: IncidentCommand
    rights: Rights
    director: DirectorDesk  # for facilitators

    @property
    def giver(self) -> Actor:
        """The actor with their team."""
        return Actor(self.actor, self.team)


class Action(Part):
    """Base of all actions.

    Class attributes
    ----------------
    effect : `world` if it changes the pipeline or its monitoring, `people` if it interrupts
        somebody, `talk` if it does neither.
    reversible : whether an order exists that undoes it, or it ends by itself and loses nothing.
    owner_only : whether only the owner of its `target` may order it.
    roles : the roles of the players who may order it.
    instant : whether it takes no simulated time.
    fixed_target : the component that it acts on whatever its arguments; empty if they name it.
    leaves : the debts that it leaves until it is undone, by name.
    undo : the order that undoes its example, kind and arguments (of its own kind: the arguments
        that differ); None if its time ends it.
    failing : arguments with which it definitely fails, besides unknown names.
    """

    effect: ClassVar[Effect]
    reversible: ClassVar[bool]
    owner_only: ClassVar[bool] = False
    roles: ClassVar[tuple[str, ...]] = (RESPONDER,)
    instant: ClassVar[bool] = False
    fixed_target: ClassVar[str] = ""
    leaves: ClassVar[tuple[str, ...]] = ()
    undo: ClassVar[tuple[str, Args] | None] = None
    failing: ClassVar[tuple[Args, ...]] = ()

    @classmethod
    def facts(cls) -> dict[str, str]:
        who = "the owner of its target" if cls.owner_only else ", ".join(cls.roles)
        return {
            "effect": cls.effect,
            "reversible": "yes" if cls.reversible else "no",
            "who may": who,
            "leaves": ", ".join(cls.leaves) or "nothing",
        }

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

    @classmethod
    def possible_targets(cls) -> Targets:
        """The components that such orders can be about, before any is given."""
        kinds = {mark.to for info in cls.model_fields.values() if (mark := _target_mark(info))}
        return Targets((CLUSTER,) if kinds & NODES else (), open=bool(kinds - NODES))

    def targets(self) -> Targets:
        """The components that it is about: their owners approve it."""
        names: list[str] = []
        for key, info in type(self).model_fields.items():
            value = getattr(self, key)
            if (mark := _target_mark(info)) and value is not None:
                values = value if isinstance(value, tuple) else (value,)
                is_node = mark.to in NODES
                names += [f"{NODE}{item}" if is_node else str(item) for item in values]
                names += [CLUSTER] if is_node else []
        return Targets(tuple(names))

    def acted_on(self) -> tuple[str, ...]:
        """The components that it acts on, of nodes the cluster; empty of talk."""
        if self.effect != "world" or self.fixed_target:
            return (self.fixed_target,) if self.fixed_target else ()
        names = (name for name in self.targets().names if not name.startswith(NODE))
        return tuple(dict.fromkeys(names))

    def check(self, site: Site) -> None:
        """Check it when it is ordered: an order that raises `ActionFailed` is refused."""

    def act(self, site: Site) -> ActionSteps:
        """Carry it out: yield the duration of each part, in ms; return a note.

        Raises
        ------
        ActionFailed
            If it is impossible; nothing was changed.
        """
        raise NotImplementedError

    def omit(self, site: Site) -> Generator[int, None, None]:
        """Leave it out of a twin, but take what numbers later things: a page's number."""
        yield 0

    def issues(self) -> Iterator[Issue]:
        """Arguments that are wrong in every pipeline.

        A file with such arguments is rejected; during a run the action fails.
        """
        return iter(())


def _target_mark(info: FieldInfo) -> Refers | None:
    mark = reference_of(info)
    return mark if mark is not None and mark.to in TARGETS and not mark.claim else None


ACTIONS: Registry[Action] = Registry("simulator.actions", Action, "action")


def with_defaults(kind: str, args: Args) -> dict[str, Any]:
    """Arguments in the order of an action's fields, with the defaults other than None.

    Examples
    --------
    >>> with_defaults("escalate", {"to": "command"})
    {'to': 'command', 'text': ''}
    """
    fields = ACTIONS.get(kind).model_fields
    defaults = {key: info.default for key, info in fields.items() if not info.is_required()}
    values = {key: args.get(key, defaults.get(key)) for key in (*fields, *args)}
    return {key: value for key, value in values.items() if value is not None}


def references(kind: str, args: Args) -> Iterator[tuple[tuple[Key, ...], str, str]]:
    """The arguments of an order that name something: path, kind of thing and name.

    Arguments that are empty or hold a `${reference}` name nothing yet.

    Examples
    --------
    >>> list(references("status_update", {"to": ["product"], "text": "all is well"}))
    [(('to', 0), 'person', 'product')]
    """
    for key, info in ACTIONS.get(kind).model_fields.items():
        if mark := reference_of(info):
            for path, name in _names(args.get(key), (key,)):
                yield path, mark.to, name


def _names(value: Any, at: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str]]:
    if isinstance(value, Mapping):
        yield from (((*at, key), str(key)) for key in value)
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _names(item, (*at, number))
    elif value not in (None, "") and "${" not in str(value):
        yield at, str(value)
