"""Moves: what a team can order against a fault, and what it costs to order the tempting thing.

A move is a list of orders whose arguments may name what the fault is about: `{target}`, `{owner}`
(of the target), any field of the fault (`{feature}`), and names of the pipeline around it (see
`director/fault_moves.py`). A move of a fault whose names a pipeline lacks does not apply there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from simulator.units.wording import format_duration

When = Literal["now", "cause removed"]


class Cost(StrEnum):
    """How a wrong move costs more than it saves; tests measure each."""

    NO_RECOVERY = "no recovery"  # the objectives do not hold again
    HARM = "harm"  # further outside of objectives than if nobody had answered
    DELAY = "delay"  # they hold again, later than with the right move
    # Once the right move follows, more is lost than with it alone, or nothing recovers any more.
    RELAPSE = "relapse"
    DEBT = "debt"  # they hold again, and a debt stays that the right move does not leave
    WASTE = "waste"  # people are interrupted, or the world is changed, for nothing


@dataclass(frozen=True)
class MoveStep:
    """One order of a move.

    Attributes
    ----------
    action : str
        Its kind.
    args : mapping
        As in YAML; a text `{name}` stands for a value.
    when : {"now", "cause removed"}
        When it is due, once the orders before it have ended.
    after : int, ms
        How much later it is due.
    """

    action: str
    args: Mapping[str, Any] = field(default_factory=dict)
    when: When = "now"
    after: int = 0

    def __str__(self) -> str:
        """The order in a line, with names of values in angle brackets.

        Examples
        --------
        >>> print(MoveStep("page", {"team": "{owner}"}, when="cause removed", after=60_000))
        1 min after the cause is removed: page team=<owner>
        """
        text = f"{self.action} {_format_args(self.args)}".rstrip()
        begins = {"now": "", "cause removed": "the cause is removed"}[self.when]
        if self.after:
            return f"{format_duration(self.after)} after {begins or 'that'}: {text}"
        return f"once {begins}: {text}" if begins else text


@dataclass(frozen=True)
class Move:
    """What a team can do about a fault.

    Attributes
    ----------
    why : str
        Why it helps, in a sentence.
    steps : tuple of MoveStep
        Its orders; none if the right move is to wait.
    cures : bool
        Whether the objectives hold again; else it limits the harm meanwhile.
    needs : tuple of str
        Names beside those of its arguments that a pipeline must have.
    """

    why: str
    steps: tuple[MoveStep, ...] = ()
    cures: bool = True
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WrongMove(Move):
    """A move that tempts and does not help.

    Attributes
    ----------
    why : str
        Why it does not help, in a sentence.
    cost : Cost
    """

    cost: Cost
    cures: bool = False


def _format_args(args: Mapping[str, Any]) -> str:
    texts = (f"{key}={value}".replace("{", "<").replace("}", ">") for key, value in args.items())
    return " ".join(texts)


def order(action: str, **args: Any) -> MoveStep:
    """A step that is due at once.

    Examples
    --------
    >>> order("rollback", target="serving").args
    {'target': 'serving'}
    """
    return MoveStep(action, args)


def then(action: str, after: int = 0, **args: Any) -> MoveStep:
    """A step that is due when the cause is removed, `after` ms later.

    Examples
    --------
    >>> then("materialize", view="{view}").when
    'cause removed'
    """
    return MoveStep(action, args, when="cause removed", after=after)


# The owner of the target mends it, or is paged if it is another team.
FIX = order("fix_upstream", target="{owned_target}")
PAGE_OWNER = order("page", team="{owner}", about="{target}")
ROLL_BACK_BUILD = order("rollback", target="{component}")
ROLL_BACK_MODEL = order("rollback", target="model")
RESTART = order("restart")
PAUSE_TRAINING = order("pause_job", job="{train}")


def with_owner(
    why: str, first: tuple[MoveStep, ...], later: tuple[MoveStep, ...] = ()
) -> tuple[Move, Move]:
    """Orders before and after the owner's fix: by the owner themselves, or by who pages them.

    Examples
    --------
    >>> for move in with_owner("Nothing learns from it.", (PAUSE_TRAINING,)):
    ...     print([step.action for step in move.steps])
    ['pause_job', 'fix_upstream']
    ['pause_job', 'page']
    """
    fix, page = ((*first, owner, *later) for owner in (FIX, PAGE_OWNER))
    return Move(why, fix), Move(why, page)
