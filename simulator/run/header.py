"""The first line of a log: everything about a run that its grading needs."""

from datetime import datetime

import msgspec

from simulator.run.events import Args, Event
from simulator.run.need import Need
from simulator.run.player import Player
from simulator.units import Severity

FORMAT = 2


class GradedObjective(msgspec.Struct, frozen=True, omit_defaults=True):
    """An objective as it is graded: its limits, and what it is worth.

    Attributes
    ----------
    min, max : float or None
        Its limits; in seconds unless it is a ratio.
    window, budget : int, ms
        The window it is computed over; how long it may be outside in a drill.
    weight : float
        Its share of the harm.
    """

    unit: str = ""
    window: int = 0
    min: float | None = None
    max: float | None = None
    budget: int | None = None
    weight: float = 1.0


class PlannedFault(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fault that a run will have.

    Attributes
    ----------
    id : str
        Its inject's.
    name, type : str
        The fault, and the type of incident.
    at : int or None
        ms; None where it waits for a condition.
    owner : str
        The team that owns its target; empty if there is none.
    component : str
        The component of its target: a name of `Header.related`.
    removable : bool
        Whether an order ends it.
    held_off_by : tuple of str
        The debts that may hold it off while it lasts.
    """

    id: str
    name: str
    type: str = ""
    target: str = ""
    at: int | None = None
    owner: str = ""
    component: str = ""
    removable: bool = False
    held_off_by: tuple[str, ...] = ()


class SeverityStep(msgspec.Struct, frozen=True, rename={"since": "from", "severity": "is"}):
    """The right severity from a moment of an incident on."""

    since: int
    severity: str


class Expectations(msgspec.Struct, frozen=True, omit_defaults=True):
    """The truth about the incident, and the limits of a good answer; times in ms.

    `acceptable` names debts that may stay, and passive answers that are right.
    """

    cause: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    inform: tuple[str, ...] = ()
    mitigate_within: int | None = None
    acknowledge_within: int | None = None
    recover_within: int | None = None
    must_page: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    budget: dict[str, int] = {}
    severity: tuple[SeverityStep, ...] = ()
    acceptable: tuple[str, ...] = ()


class ActionKind(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an action is to a grade: its effect (world, people, talk); whether it can be undone.

    `leaves` names the debts that it leaves until it is undone.
    """

    effect: str
    reversible: bool = True
    leaves: tuple[str, ...] = ()


class PolicyStage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A level of a team's escalation policy: whom it pages, and how long it waits, ms."""

    page: tuple[str, ...]
    after: int


class PlaybookMove(msgspec.Struct, frozen=True, omit_defaults=True):
    """A move from a state of a playbook to another; without an action it is silent.

    Attributes
    ----------
    source, target : int
        The states.
    args : dict
        The arguments that name something and are known before the drill.
    """

    source: int
    target: int
    action: str = ""
    args: Args = {}


class PlaybookGraph(msgspec.Struct, frozen=True, omit_defaults=True):
    """The runs that a playbook allows: the paths from state 0 to `end`."""

    name: str
    end: int
    moves: tuple[PlaybookMove, ...] = ()


class ImpactBound(msgspec.Struct, frozen=True, omit_defaults=True):
    """A bound of the observable impact; exactly one of these.

    Attributes
    ----------
    burn : float or None
        How many times as fast as allowed the budget of a ratio burns.
    customers : float or None
        The share of requests that are affected.
    outside : int or None
        How long an objective has been outside, ms.
    """

    burn: float | None = None
    customers: float | None = None
    outside: int | None = None


class SeverityRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """A severity of the on-call file: the impact that makes it, and what follows from it.

    Attributes
    ----------
    any_of, all_of : tuple of ImpactBound
        Bounds of which any, or all, have to be reached.
    inform : tuple of str
        Teams and readers who must be told.
    roles : tuple of str
        The incident roles that are expected to be taken.
    update_every : int or None
        How often a status update is due, ms.
    """

    severity: Severity
    any_of: tuple[ImpactBound, ...] = ()
    all_of: tuple[ImpactBound, ...] = ()
    inform: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    update_every: int | None = None


class Header(Event, frozen=True, tag="header", omit_defaults=False):
    """The first event of a log; times in ms.

    Attributes
    ----------
    format : int
        The version of this format.
    scenario, version, title, type : str and int
        The drill's, and the type of its incident.
    family : str
        The drills that begin with the same alert; empty if it is in none.
    responder : str
        The name of what answers, `none` for nobody.
    twin : str
        Its name; empty for the run itself.
    plays : str
        The team that the players play.
    players : tuple of Player
        All of them, with their teams and roles.
    reference : bool
        Whether the scenario's reference playbook answers: the run is its own twin `reference`.
    command : str
        The command that runs the drill again.
    starts_at : str
        Time 0 on the calendar, ISO 8601 with an offset.
    duration, warm_up, hold : int
        Of the drill; of its ungraded start; how long the objectives have to hold at its end.
    tick, scrape : int
        The grids of the pipeline and of the series.
    objectives : dict of str to GradedObjective
        By their names.
    expect : Expectations
        What the scenario's author expects.
    faults : tuple of PlannedFault
        Those of the scenario that this run will have.
    needs : tuple of Need
        Whom the incident needs, by the scenario; those of live injects are events of the log.
    hops : dict of str to int
        The fewest calls from the page of the played team to each team that can be reached; 0 for
        itself and for those that its policy names.
    owners : dict of str to str
        The team that owns each component, where it is not the played team.
    policies : dict of str to tuple of PolicyStage
        The levels of each team's escalation policy.
    ladder : tuple of SeverityRule
        The severities of the on-call file, the worst first.
    related : dict of str to tuple of str
        Of each component all those upstream and downstream of it.
    playbook : PlaybookGraph or None
        Of the reference, else of the default responder.
    actions : dict
        The effect of every action, by its name.
    programs : dict
        Versions by program.
    """

    in_digest = False

    format: int = FORMAT
    scenario: str = ""
    version: int = 1
    title: str = ""
    type: str = ""
    family: str = ""
    seed: int = 0
    responder: str = "none"
    twin: str = ""
    plays: str = ""
    players: tuple[Player, ...] = ()
    reference: bool = False
    command: str = ""
    starts_at: str = ""
    duration: int = 0
    warm_up: int = 0
    tick: int = 5000
    scrape: int = 15_000
    hold: int = 0
    objectives: dict[str, GradedObjective] = msgspec.field(default_factory=dict)
    expect: Expectations = Expectations()
    faults: tuple[PlannedFault, ...] = ()
    needs: tuple[Need, ...] = ()
    hops: dict[str, int] = msgspec.field(default_factory=dict)
    owners: dict[str, str] = msgspec.field(default_factory=dict)
    policies: dict[str, tuple[PolicyStage, ...]] = msgspec.field(default_factory=dict)
    ladder: tuple[SeverityRule, ...] = ()
    related: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    playbook: PlaybookGraph | None = None
    actions: dict[str, ActionKind] = msgspec.field(default_factory=dict)
    programs: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def epoch(self) -> int:
        """Time 0 on the calendar, ms since 1970."""
        return int(datetime.fromisoformat(self.starts_at).timestamp() * 1000)

    @property
    def graded_players(self) -> frozenset[str]:
        """The names of the graded responders; of a run without players, the played team's."""
        graded = {p.name for p in self.players if p.graded and p.role == "responder"}
        return frozenset(graded if self.players else {self.plays})
