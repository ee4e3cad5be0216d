"""A playbook: steps with one verb each, and branches."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from simulator.registry import Part, Registry
from simulator.scenario.base import ByName, Flag, Frozen, InPlace, Name, Named, Text
from simulator.source import Issue, Key, raise_issues
from simulator.units import Duration, IncidentType, closest_match, did_you_mean, format_value

_REFERENCE = re.compile(r"\$\{([^}]*)\}")
_LABEL = re.compile(r"[\w-]+\.\w+")
# The arguments of an order; the action defines them, and binding a playbook validates them.
Arguments = Mapping[str, Any]


class LogSearch(Frozen):
    """A search of the log."""

    log: Text
    """The text that lines must contain."""
    since: Duration = 900_000
    """How far back."""


class Verify(Frozen):
    """A query that must become true and stay true."""

    query: Text
    """PromQL: true if it returns any sample, a scalar if it is not 0."""
    within: Duration
    """The longest wait for it."""
    every: Duration = 60_000
    """The interval between two queries."""
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
    """One of several ways to go on."""

    if_: Text | None = Field(None, alias="if")
    """PromQL: taken if it returns any sample, a scalar if it is not 0."""
    otherwise: Flag = False
    """Taken if no other branch was."""
    steps: tuple["Step", ...] = Field(min_length=1)
    """The steps of this branch."""

    @model_validator(mode="after")
    def _condition(self) -> Self:
        if (self.if_ is None) != self.otherwise:
            raise_issues([Issue((), "expected either if or 'otherwise: true'")])
        return self


VERBS = (
    "acknowledge", "look", "declare", "assign", "diagnose", "branch", "act",
    "page", "escalate", "approve", "verify", "tell", "wait", "close",
)  # fmt: skip
# `page: {...}` is short for `act: {page: {...}}`: the action of each such verb.
SHORTHANDS = {
    "acknowledge": "acknowledge", "declare": "declare", "assign": "assign",
    "diagnose": "diagnose", "page": "page", "escalate": "escalate", "approve": "approve",
    "tell": "status_update", "close": "close",
}  # fmt: skip


class StepOrder(NamedTuple):
    """The order of a step."""

    kind: str
    args: Arguments
    at: tuple[Key, ...]  # path of the arguments in the step
    shorthand: bool  # by a verb of its own, not by `act`


class Step(Frozen):
    """One step: exactly one verb, and how it is taken."""

    name: Text | None = None
    """The purpose of the step."""
    if_: Text | None = Field(None, alias="if")
    """PromQL: the step is skipped unless this returns a sample, or a scalar that is not 0."""
    takes: Duration = 30_000
    """How long a person needs for it."""
    acknowledge: Arguments | None = None
    """Acknowledge the open pages."""
    look: Annotated[Named | Annotated[LogSearch, InPlace], ByName] | None = None
    """Query PromQL, or search the log: `{log: OOMKilled, since: 15m}`."""
    as_: Name | None = Field(None, alias="as")
    """A name for the result of `look`: later `${name.label}`, `${name.value}`."""
    declare: Arguments | None = None
    """Declare an incident."""
    assign: Arguments | None = None
    """Assign an incident role."""
    diagnose: Arguments | None = None
    """Claim a cause."""
    branch: tuple[Branch, ...] | None = Field(None, min_length=1)
    """Go on in one of several ways: the first whose condition is true."""
    act: Mapping[Text, Arguments] | None = None
    """Order an action, by its name with its arguments (drill catalogue actions)."""
    page: Arguments | None = None
    """Page another team."""
    escalate: Arguments | None = None
    """Escalate the incident."""
    approve: Arguments | None = None
    """Approve orders of a team."""
    verify: Verify | None = None
    """Wait until a query is true."""
    otherwise: tuple["Step", ...] = ()
    """The steps to take when `verify` runs out of time."""
    tell: Arguments | None = None
    """Send a status update."""
    wait: Duration | None = None
    """Do nothing for a while."""
    close: Arguments | None = None
    """Close the incident."""

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
        match = closest_match(key, [*Registry("simulator.actions", Part, "action"), *keys])
        if match is None:
            return f"; expected one of {', '.join(VERBS)}"
        return f"; did you mean {match if match in keys else f'act: {{{match}: {{...}}}}'!r}?"

    @property
    def verb(self) -> str:
        """The verb of the step."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)

    @property
    def order(self) -> StepOrder | None:
        """The order of the step; None if it has none."""
        if self.act:
            kind, args = next(iter(self.act.items()))
            return StepOrder(kind, args, ("act", kind), shorthand=False)
        verb = self.verb
        if verb not in SHORTHANDS:
            return None
        return StepOrder(SHORTHANDS[verb], getattr(self, verb), (verb,), shorthand=True)

    @model_validator(mode="after")
    def _one_verb(self) -> Self:
        issues = []
        verbs = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(verbs) != 1:
            stated = " and ".join(verbs) or "none"
            issues.append(Issue((), f"expected exactly one of {', '.join(VERBS)}; given {stated}"))
        if self.as_ is not None and self.look is None:
            issues.append(Issue(("as",), "only look finds something to name"))
        if self.otherwise and self.verify is None:
            issues.append(Issue(("otherwise",), "only verify can run out of time"))
        if self.act is not None and len(self.act) != 1:
            issues.append(Issue(("act",), f"expected one action, given {len(self.act)}"))
        raise_issues(issues)
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


# Step did not exist yet; messages look up the keys of a branch's steps in Branch.
Branch.model_rebuild()


class StartsOn(Frozen):
    """The pages that a playbook is for."""

    alerts: tuple[Text, ...] = Field(min_length=1)
    """Values of the label alertname."""


class Playbook(Frozen):
    """The steps of a responder, from a page on."""

    playbook: Literal[1]
    """The version of this format."""
    name: Name
    """The playbook's name."""
    title: str = ""
    """Its purpose, in one line."""
    type: IncidentType | None = None
    """The type of incident that it is for."""
    starts_on: StartsOn | None = None
    """The pages that it is for; any page by default."""
    steps: tuple[Step, ...] = Field(min_length=1)
    """The steps, in order."""

    def walk(self) -> Iterator[tuple[tuple[Key, ...], Step]]:
        """Every step, those of branches included, with its path in the document."""
        yield from _walk(self.steps, ("steps",))

    @field_validator("steps")
    @classmethod
    def _references(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        names = {step.as_ for _, step in _walk(steps, ()) if step.as_}
        issues = []
        for at, step in _walk(steps, ()):
            content = step.model_dump(by_alias=True, exclude={"branch", "otherwise"})
            # The steps of a branch are walked; its condition is this step's.
            content["branch"] = [{"if": branch.if_} for branch in step.branch or ()]
            for path, reference in _references(content, at):
                name = reference.partition(".")[0]
                text = format_value("${" + reference + "}")
                if name not in names:
                    issues.append(Issue(path, f"unknown {text}{did_you_mean(name, names)}"))
                elif _LABEL.fullmatch(reference) is None:
                    expected = f"'${{{name}.value}}' or the name of a label"
                    issues.append(Issue(path, f"given {text}, expected {expected}"))
        raise_issues(issues)
        return steps


def _walk(steps: tuple[Step, ...], at: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], Step]]:
    for number, step in enumerate(steps):
        path = (*at, number)
        yield path, step
        for i, branch in enumerate(step.branch or ()):
            yield from _walk(branch.steps, (*path, "branch", i, "steps"))
        yield from _walk(step.otherwise, (*path, "otherwise"))


def _references(value: Any, at: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], str]]:
    """Every `${name.part}` below a value, with its path."""
    if isinstance(value, str):
        yield from ((at, reference) for reference in _REFERENCE.findall(value))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _references(inner, (*at, key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _references(inner, (*at, number))
