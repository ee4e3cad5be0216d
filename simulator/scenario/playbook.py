"""A playbook as its author writes it: steps with one verb each, and branches."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from simulator.registry import Part, Registry
from simulator.scenario.base import ByName, Flag, Frozen, InPlace, Name, Named, Text
from simulator.source import Issue, Key, raise_issues
from simulator.units import (
    Duration,
    IncidentType,
    Severity,
    closest_match,
    did_you_mean,
    format_value,
)

_REFERENCE = re.compile(r"\$\{([^}]*)\}")


class Nothing(Frozen):
    """No arguments."""


class LogSearch(Frozen):
    """A search of the log."""

    log: Text
    """The text that lines must contain."""
    since: Duration = 900_000
    """How far back."""


class Declare(Frozen):
    """An incident is declared."""

    severity: Severity
    """How severe it is."""


class Diagnose(Frozen):
    """A cause is claimed."""

    cause: Text
    """As `type.fault`."""
    component: Text | None = None
    """The stage."""


class Page(Frozen):
    """Another team is called."""

    team: Text
    """Which."""
    about: Text | None = None
    """The stage, credential or dependency that it is about."""
    text: Text
    """What they are told."""


class Escalate(Frozen):
    """The incident goes to somebody else."""

    to: Text
    """A team."""
    text: str = ""
    """What they are told."""


class Tell(Frozen):
    """A status update."""

    to: tuple[Text, ...] = Field(min_length=1)
    """Who is told."""
    text: Text
    """What they are told."""


class Verify(Frozen):
    """A query that must become true and stay so."""

    query: Text
    """PromQL: true if it returns any sample, a scalar if it is not 0."""
    within: Duration
    """How long it is waited for."""
    every: Duration = 60_000
    """How often it is asked."""
    hold: Duration = 0
    """How long it must stay true."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.every == 0:
            raise_issues([Issue(("every",), "given '0s', expected more")])
        if self.hold >= self.within:
            raise_issues([Issue(("hold",), "is not shorter than within")])
        return self


class Branch(Frozen):
    """One way to go on."""

    if_: Text | None = Field(None, alias="if")
    """PromQL: taken if it returns any sample, a scalar if it is not 0."""
    otherwise: Flag = False
    """Taken if no other was."""
    steps: tuple["Step", ...] = Field(min_length=1)
    """What is done then."""

    @model_validator(mode="after")
    def _condition(self) -> Self:
        if (self.if_ is None) != self.otherwise:
            raise_issues([Issue((), "expected either if or 'otherwise: true'")])
        return self


VERBS = (
    "acknowledge", "look", "declare", "diagnose", "branch", "act",
    "page", "escalate", "verify", "tell", "wait", "close",
)  # fmt: skip

# The actions that verbs of their own order.
ORDERS = {
    "acknowledge": "acknowledge", "declare": "declare", "diagnose": "diagnose", "page": "page",
    "escalate": "escalate", "tell": "status_update", "close": "close",
}  # fmt: skip


class Ordered(NamedTuple):
    """An order as a step gives it."""

    kind: str
    args: Mapping[str, Any]
    at: tuple[Key, ...]  # where the arguments stand in the step


class Step(Frozen):
    """One step: exactly one verb, and how it is taken."""

    name: Text | None = None
    """What it is for."""
    if_: Text | None = Field(None, alias="if")
    """PromQL: the step is skipped unless this returns a sample, or a scalar that is not 0."""
    takes: Duration = 30_000
    """How long a person needs for it."""
    acknowledge: Nothing | None = None
    """Say that somebody is on it."""
    look: Annotated[Named | Annotated[LogSearch, InPlace], ByName] | None = None
    """Ask PromQL, or search the log: `{log: OOMKilled, since: 15m}`."""
    as_: Name | None = Field(None, alias="as")
    """A name for what `look` found: later `${name.label}`, `${name.value}`."""
    declare: Declare | None = None
    """Declare an incident."""
    diagnose: Diagnose | None = None
    """Claim a cause."""
    branch: tuple[Branch, ...] | None = Field(None, min_length=1)
    """Go on in one of several ways: the first whose condition is true."""
    act: Mapping[Text, Mapping[str, Any]] | None = None
    """Order an action, by its name with its arguments (drill catalogue actions)."""
    page: Page | None = None
    """Call another team."""
    escalate: Escalate | None = None
    """Hand the incident on."""
    verify: Verify | None = None
    """Wait until a query is true."""
    otherwise: tuple["Step", ...] = ()
    """What is done when `verify` runs out of time."""
    tell: Tell | None = None
    """Say how it stands."""
    wait: Duration | None = None
    """Do nothing for a while."""
    close: Nothing | None = None
    """Say that it is over."""

    @classmethod
    def meant(cls, key: str) -> str:
        """The end of the message about a key that no step has: it may name an action.

        Examples
        --------
        >>> Step.meant("rollbak")
        "; did you mean 'act: {rollback: {...}}'?"
        >>> Step.meant("verfy")
        "; did you mean 'verify'?"
        """
        keys = [info.alias or name for name, info in cls.model_fields.items()]
        # By the folder's name: this room knows names of parts, and imports none of them.
        close = closest_match(key, [*Registry("simulator.actions", Part, "action"), *keys])
        if close is None:
            return f"; expected one of {', '.join(VERBS)}"
        return f"; did you mean {close if close in keys else f'act: {{{close}: {{...}}}}'!r}?"

    @property
    def verb(self) -> str:
        """Which verb it is."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)

    @property
    def order(self) -> Ordered | None:
        """What it orders; None if it orders nothing."""
        if self.act:
            kind, args = next(iter(self.act.items()))
            return Ordered(kind, args, ("act", kind))
        if self.verb not in ORDERS:
            return None
        given = getattr(self, self.verb).model_dump(exclude_none=True)
        return Ordered(ORDERS[self.verb], given, (self.verb,))

    @model_validator(mode="after")
    def _one_verb(self) -> Self:
        wrongs = []
        verbs = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(verbs) != 1:
            given = " and ".join(verbs) or "none"
            wrongs.append(Issue((), f"expected exactly one of {', '.join(VERBS)}; given {given}"))
        if self.as_ is not None and self.look is None:
            wrongs.append(Issue(("as",), "only look finds something to name"))
        if self.otherwise and self.verify is None:
            wrongs.append(Issue(("otherwise",), "only verify can run out of time"))
        if self.act is not None and len(self.act) != 1:
            wrongs.append(Issue(("act",), f"expected one action, given {len(self.act)}"))
        raise_issues(wrongs)
        return self

    @field_validator("branch")
    @classmethod
    def _otherwise_last(cls, branches: tuple[Branch, ...] | None) -> tuple[Branch, ...] | None:
        raise_issues([
            Issue((number, "otherwise"), "only the last branch can be the others' otherwise")
            for number, branch in enumerate((branches or ())[:-1])
            if branch.otherwise
        ])  # fmt: skip
        return branches


# Step did not exist yet; messages look up in Branch what may stand in its steps.
Branch.model_rebuild()


class StartsOn(Frozen):
    """The pages that a playbook is for."""

    alerts: tuple[Text, ...] = Field(min_length=1)
    """Values of the label alertname."""


class Playbook(Frozen):
    """What to do when a page comes."""

    playbook: Literal[1]
    """The version of this format."""
    name: Name
    """What the playbook is called."""
    title: str = ""
    """What it is for, in one line."""
    type: IncidentType | None = None
    """The type of incident that it is for."""
    starts_on: StartsOn | None = None
    """The pages that it is for; any where this is absent."""
    steps: tuple[Step, ...] = Field(min_length=1)
    """What is done, in order."""

    def walk(self) -> Iterator[tuple[tuple[Key, ...], Step]]:
        """Every step, branches included, with its path in the document."""
        yield from _walk(self.steps, ("steps",))

    @field_validator("steps")
    @classmethod
    def _references(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        names = {step.as_ for _, step in _walk(steps, ()) if step.as_}
        wrongs = []
        for at, step in _walk(steps, ()):
            own = step.model_dump(by_alias=True, exclude={"branch", "otherwise"})
            for path, reference in _used(own, at):
                name = reference.partition(".")[0]
                if name not in names:
                    given = format_value("${" + reference + "}")
                    wrongs.append(Issue(path, f"unknown {given}{did_you_mean(name, names)}"))
        raise_issues(wrongs)
        return steps


def _walk(steps: tuple[Step, ...], at: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], Step]]:
    for number, step in enumerate(steps):
        here = (*at, number)
        yield here, step
        for which, branch in enumerate(step.branch or ()):
            yield from _walk(branch.steps, (*here, "branch", which, "steps"))
        yield from _walk(step.otherwise, (*here, "otherwise"))


def _used(value: Any, at: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str]]:
    """Every `${name.part}` below a value, with its path."""
    if isinstance(value, str):
        yield from ((at, found) for found in _REFERENCE.findall(value))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _used(inner, (*at, key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _used(inner, (*at, number))
