"""The events of a log, one class a kind.

In a log each is a line of JSON whose `kind` names the class. Fields that hold their default are
left out. Events of `GROUND_TRUTH` are never visible through a door.
"""

from typing import Any, ClassVar

import msgspec

from simulator.run.need import Need

# Arguments and results of actions: plain data, as each action defines it.
Args = dict[str, Any]


class Event(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True,
            forbid_unknown_fields=True):  # fmt: skip
    """Something that happened in a drill.

    Attributes
    ----------
    t : int, ms
        From the start of the drill.
    who : str
        A player, a team, a system or the director.
    """

    in_digest: ClassVar[bool] = True

    t: int
    who: str

    @property
    def kind(self) -> str:
        """The kind of event, as in the log."""
        return str(type(self).__struct_config__.tag)


class PhaseEvent(Event, frozen=True, tag="phase"):
    """A phase of the drill begins: warm-up, baseline, injects, end.

    The end has the counts of requests by outcome: with them a digest covers every customer.
    """

    name: str
    requests: dict[str, int] = {}


class InjectEvent(Event, frozen=True, tag="inject"):
    """An inject begins: a fault, a change or a message."""

    id: str
    type: str
    name: str
    target: str = ""
    args: Args = {}


class DroppedEvent(Event, frozen=True, tag="dropped"):
    """A contingent inject does not take place, with the reason."""

    id: str  # the inject's
    why: str


class NeedEvent(Event, frozen=True, tag="need"):
    """A need of a fault that a facilitator injects: the header has those of the scenario."""

    in_digest = False

    need: Need


class LandedEvent(Event, frozen=True, tag="landed"):
    """A fault first bites on a unit of work."""

    fault: str  # the inject's id
    name: str
    units: int


class MissedEvent(Event, frozen=True, tag="missed"):
    """A fault has nothing to bite on, with the reason."""

    fault: str
    name: str
    why: str


class EndedEvent(Event, frozen=True, tag="ended"):
    """A fault is over: its `fact` was changed, or its duration (`for`) is over."""

    fault: str
    why: str


class ObjectiveEvent(Event, frozen=True, tag="objective"):
    """An objective is breached or held again; without a value it is undefined."""

    name: str
    state: str  # breached, held
    value: float | None = None


class DebtEvent(Event, frozen=True, tag="debt"):
    """A debt is owed or paid."""

    name: str
    state: str  # owed, paid


class LineEvent(Event, frozen=True, tag="line"):
    """A line of a system's own log."""

    level: str
    text: str


class AlertEvent(Event, frozen=True, tag="alert"):
    """An alert changes its state: pending, firing, resolved, inactive."""

    alert: str
    state: str
    labels: dict[str, str] = {}
    value: float | None = None
    annotations: dict[str, str] = {}


class NotificationEvent(Event, frozen=True, tag="notification"):
    """Alertmanager notifies a receiver."""

    receiver: str
    status: str  # firing, resolved
    group: dict[str, str] = {}
    alerts: tuple[dict[str, str], ...] = ()  # the labels of each


class PageEvent(Event, frozen=True, tag="page"):
    """A page to a team (`who`) comes into a state.

    Attributes
    ----------
    state : str
        sent (once for each channel), lost (by a channel; without a person where nobody is on
        call), delivered, seen, not taken (in time, by one person), escalated (to the next person),
        acknowledged, resolved (its alerts were), exhausted (after its last level).
    person : str
        The person whom it concerns.
    by : str
        Who sent it; in `acknowledged` who took it.
    channel : str
        Of sent, lost and delivered; members have one without a name.
    team : str
        The team whose work the person does, if it is not `who`: a level may name another team.
    why : str
        Of not taken: asleep, busy. Of seen: woken. Of acknowledged: the page on which its reader
        works already.
    level : int
        Of sent, lost and escalated: the level of its policy that is paged, from 1 on.
    """

    page: int
    state: str
    person: str = ""
    via: str = "alert"  # alert, person
    alerts: tuple[str, ...] = ()
    about: str = ""
    text: str = ""
    by: str = ""
    facts: Args = {}
    channel: str = ""
    why: str = ""
    team: str = ""
    level: int = 0

    @property
    def reached_team(self) -> str:
        """The team whose work the person does."""
        return self.team or self.who


class MessageEvent(Event, frozen=True, tag="message"):
    """A message from `who`."""

    to: str
    text: str


class OrderEvent(Event, frozen=True, tag="order"):
    """An order of a player, or of a simulated person or team."""

    id: int  # counted per player
    action: str
    args: Args = {}
    simulated: bool = False


class ActionEvent(Event, frozen=True, tag="action"):
    """An action changes its state: waiting, started, done, failed, unknown.

    Waiting: the player's hands are full. Failed: nothing was changed.

    Attributes
    ----------
    changed : bool
        Of the end of an order of effect `world`: whether it changed any fact.
    targets : tuple of str
        Of its end: the components that it acted on; of pods and nodes the one that they belong to.
    """

    order: int
    action: str
    state: str
    note: str = ""
    result: Args = {}
    changed: bool = True
    targets: tuple[str, ...] = ()

    @property
    def ends(self) -> bool:
        """Whether the action is over: done, failed or unknown."""
        return self.state not in ("waiting", "started")


class LookEvent(Event, frozen=True, tag="look"):
    """A player looks at series or log lines, or a simulated person at a component.

    Attributes
    ----------
    count : int or None
        The number of results; None where the query has an error.
    labels, value
        Of the first result.
    """

    in_digest = False

    expr: str
    count: int | None = None
    labels: dict[str, str] = {}
    value: float | None = None
    error: str = ""


class RefusedEvent(Event, frozen=True, tag="refused"):
    """An invalid order, without any effect."""

    in_digest = False

    action: str
    why: str


class StepEvent(Event, frozen=True, tag="step"):
    """A step of a playbook: begun, done, skipped, failed or timed out.

    Attributes
    ----------
    path : str
        Its place in the playbook: `steps[2].branch[0].steps[1]`.
    by : str
        Who carries it out.
    """

    in_digest = False

    playbook: str
    path: str
    verb: str
    state: str
    why: str = ""
    name: str = ""
    by: str = ""


class ResponderEvent(Event, frozen=True, tag="responder"):
    """A responder's trouble: an exception, a time-out, garbage, a flood."""

    in_digest = False

    state: str
    why: str


class InterruptedEvent(Event, frozen=True, tag="interrupted"):
    """The run was cut off."""

    in_digest = False

    reason: str


class EndEvent(Event, frozen=True, tag="end"):
    """The drill is over."""

    reason: str


GROUND_TRUTH: tuple[type[Event], ...] = (
    PhaseEvent, InjectEvent, DroppedEvent, NeedEvent, LandedEvent, MissedEvent, EndedEvent,
    ObjectiveEvent, DebtEvent,
)  # fmt: skip
