"""Orders: validated when submitted, queued until the next tick, carried out over time."""

from collections.abc import Callable, Generator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from simulator.actions import ACTIONS, Action, ActionFailed, Site, references
from simulator.oncall.command.rights import Actor
from simulator.registry import UnknownPart
from simulator.run import Player
from simulator.run.log import normalize
from simulator.session.door import Order, OrderRejected
from simulator.session.fact_changes import watch_facts
from simulator.session.plain_data import NotPlain, copy_plain, cut
from simulator.source import format_issues
from simulator.units import format_value

# No action's name is longer.
MAX_NAME = 80
# Receives the state and the note with which an order ends.
OrderEnd = Callable[[str, str], None]
# The names that an order changes, by player and number.
OrderTargets = dict[tuple[str, int], tuple[str, ...]]


def ignore_end(state: str, note: str) -> None:
    """Nobody waits for the end of an order."""


class QueuedOrder(NamedTuple):
    """An order that starts at the next tick, with its action."""

    actor: str
    id: int
    order: Order
    action: Action
    team: str  # of a simulated actor; empty for a player's own
    on_end: OrderEnd = ignore_end

    @property
    def simulated(self) -> bool:
        """Whether it comes from a simulated person or team, not from a player."""
        return bool(self.team)


class SimulatedOrder(NamedTuple):
    """An order of a simulated person, or of a team with members."""

    actor: str
    team: str
    order: Order
    on_end: OrderEnd = ignore_end  # also receives `refused`, and why


class Outcome(NamedTuple):
    """The state of an action, as logged when it starts and when it ends."""

    state: str  # waiting, started, done, unknown, or failed: then nothing was changed
    note: str
    result: Mapping[str, Any]  # facts that the player who ordered it can read
    changed: bool = True  # whether an order of effect `world` changed any fact; players see it not


def validate(order: Order) -> tuple[Order, Action]:
    """Return the order as the log keeps it, and its action.

    Both hold a copy of the arguments as they are now, in the log's own types: the caller may
    change its own afterwards, and a replay, which reads the log only, repeats the same order.

    Raises
    ------
    OrderRejected
        If it is not an order, there is no action of that name, its arguments are not plain data,
        or they are wrong: all of their errors at once.

    Examples
    --------
    >>> validate(Order("roll_back"))
    Traceback (most recent call last):
    ...
    simulator.session.door.OrderRejected: unknown action 'roll_back'; did you mean 'rollback'? ...
    """
    if not isinstance(order, Order):
        raise OrderRejected(f"given {format_value(order)}, expected an order")
    if not isinstance(order.kind, str):
        raise OrderRejected(f"given {format_value(order.kind)}, expected the name of an action")
    name = cut(order.kind, MAX_NAME)
    if not isinstance(order.args, Mapping):
        raise OrderRejected(
            f"{name}: given {format_value(order.args)}, expected a map of arguments"
        )
    try:
        args = normalize(copy_plain(order.args).value)
        action = ACTIONS.get(name)
        return Order(name, args), action.model_validate(args)
    except UnknownPart as error:
        raise OrderRejected(str(error)) from None
    except NotPlain as error:
        raise OrderRejected(f"{name}: {error}") from None
    except ValidationError as error:
        raise OrderRejected(cut(f"{name}: {format_issues(error, action)}")) from None


def targets_of(order: Order) -> tuple[str, ...]:
    """The names that a valid order changes something of; an order to people changes nothing.

    Examples
    --------
    >>> targets_of(Order("rerun_job", {"job": "train"})), targets_of(Order("page", {"team": "ml"}))
    (('train',), ())
    """
    if ACTIONS.get(order.kind).effect != "world":
        return ()
    return tuple(name for _, _, name in references(order.kind, order.args))


def check_role(player: Player, action: Action) -> None:
    """Check that a player's role may give an order.

    Raises
    ------
    OrderRejected
        If it may not.
    """
    kind = action.kind
    if player.role == "observer":
        raise OrderRejected(f"{kind}: an observer looks, and orders nothing")
    if player.role not in action.roles:
        roles = " or ".join(action.roles)
        raise OrderRejected(f"{kind}: it is for a {roles}, and {player.name} is a {player.role}")


def check_order(action: Action, site: Site) -> None:
    """Check an order against the run at the time when it is submitted.

    Raises
    ------
    OrderRejected
        If it is impossible.
    """
    try:
        action.check(site)
    except ActionFailed as error:
        raise OrderRejected(cut(f"{action.kind}: {error}")) from None


class NotAllowed(ActionFailed):
    """The actor's team must never give such an order."""


def check_rights(action: Action, site: Site, simulated: bool) -> None:
    """Check that an actor's team may give an order.

    Raises
    ------
    ActionFailed
        If it must not, or needs an approval first; the text says whom to ask.
    """
    actor = Actor(site.actor, site.team, simulated)
    objection = site.rights.objection(actor, action.kind, action.targets())
    if objection and not site.facilitator:
        forbidden = site.rights.is_forbidden(actor, action.kind)
        raise (NotAllowed if forbidden else ActionFailed)(objection)


def carry_out(action: Action, site: Site, simulated: bool = False) -> Generator[int, None, Outcome]:
    """Carry out an action over its simulated time; return its outcome.

    Parameters
    ----------
    simulated : bool
        Whether a simulated person ordered it.
    """
    of_world = action.effect == "world"
    changed = True
    try:
        check_rights(action, site, simulated)
        # What facilitators do is graded by nobody.
        if of_world and not site.facilitator:
            end, changed = yield from watch_facts(action.act(site), site)
        else:
            end = yield from action.act(site)
    except ActionFailed as error:
        # A grade tells an order that is never the team's from one that lacked an approval.
        result = {"forbidden": True} if isinstance(error, NotAllowed) else {}
        return Outcome("failed", str(error), result, changed=not of_world)
    note, result = end if isinstance(end, tuple) else (end, {})
    return Outcome("done", note, result, changed)


def leave_out(action: Action, site: Site, simulated: bool) -> Generator[int, None, None]:
    """Leave an action out of a twin, but take what it numbers, if it may be ordered at all."""
    try:
        check_rights(action, site, simulated)
        yield from action.omit(site)
    except ActionFailed:
        return
