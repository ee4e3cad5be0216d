"""The organisation: an on-call file with its schedules compiled and its policies bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from simulator.oncall.paging.policies import MemberRoute, PageRoute, PolicyRoute
from simulator.oncall.paging.sent_page import PagedPerson
from simulator.oncall.schedules.compile import compile_schedule
from simulator.oncall.schedules.shifts import Shift, Shifts
from simulator.scenario.oncall import OnCall
from simulator.scenario.policy import Channel
from simulator.units import DAY_MS

# Schedules are compiled from a week before a drill to a good year after its end.
BEFORE_MS = 7 * DAY_MS
AFTER_MS = 400 * DAY_MS


def horizon(epoch_ms: int, duration: int = 0) -> tuple[int, int]:
    """The span over which schedules are compiled, ms since 1970: a good year after a drill's end.

    Examples
    --------
    >>> [round(edge / DAY_MS) for edge in horizon(0, duration=500 * DAY_MS)]
    [-7, 900]
    """
    return epoch_ms - BEFORE_MS, epoch_ms + duration + AFTER_MS


@dataclass(frozen=True)
class Organisation:
    """The people around a pipeline, bound once and shared by all runs.

    Attributes
    ----------
    model : OnCall
        The file, with the components that the pipeline assigns to teams.
    shifts : mapping of str to Shifts
        Who is on call in each schedule.
    components : mapping of str to sequence of str
        The names of the pipeline's components by kind: what skills refer to.
    """

    model: OnCall
    shifts: Mapping[str, Shifts] = field(default_factory=dict)
    components: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def bind(
        cls,
        model: OnCall,
        epoch_ms: int,
        calendars: Mapping[str, Sequence[Shift]] | None = None,
        components: Mapping[str, Sequence[str]] | None = None,
        duration: int = 0,
    ) -> "Organisation":
        """Compile the schedules around a time.

        Parameters
        ----------
        epoch_ms : int
            The start of the drill, ms since 1970.
        calendars : mapping of str to sequence of Shift
            The shifts of each calendar file, by schedule.
        components : mapping of str to sequence of str
            The names of the pipeline's components by kind.
        duration : int, ms
            The length of the drill.
        """
        by_schedule = calendars or {}
        span = horizon(epoch_ms, duration)
        shifts = {
            name: compile_schedule(schedule, *span, by_schedule.get(name, ()))
            for name, schedule in model.schedules.items()
        }
        return cls(model, shifts, components or {})

    def owner(self, target: str) -> str:
        """The team that owns a component; empty if there is none."""
        teams = self.model.teams.items()
        return next((name for name, team in teams if target in team.owns), "")

    def route(self, team: str) -> PageRoute:
        """The way of a team's pages."""
        model = self.model.teams[team]
        if model.policy is None:
            return MemberRoute(team, model)
        policy = self.model.policies[model.policy]
        return PolicyRoute(team, policy, self.on_call, self._first_level, self.channels)

    def on_call(self, schedule: str, epoch_ms: int) -> str | None:
        """Who is on call in a schedule, ms since 1970."""
        return self.shifts[schedule].on_call(epoch_ms)

    def channels(self, person: str) -> Mapping[str, Channel]:
        """The channels that reach a person, by name."""
        entry = self.model.people.get(person)
        names = entry.channels if entry is not None and entry.channels else self.model.channels
        return {name: self.model.channels[name] for name in names}

    def visible(self, team: str, person: str) -> tuple[str, ...]:
        """The components that somebody can look into, in the order of their search.

        What their team owns comes first, then what their skills name: components, or kinds of them.
        """
        entry = self.model.people.get(person)
        names = list(self.model.teams[team].owns)
        for skill in entry.skills if entry is not None else ():
            all_names = (name for of_kind in self.components.values() for name in of_kind)
            names += [name for name in all_names if name == skill]
            names += self.components.get(skill, ())
        return tuple(dict.fromkeys(names))

    def may_call(self, caller: str, team: str) -> bool:
        """Whether a team may page another."""
        callers = self.model.teams[team].called_by
        return not callers or caller == team or caller in callers

    def people_of(self, team: str) -> tuple[str, ...]:
        """The people who answer for a team: its members, or those whom its policy can page."""
        model = self.model.teams[team]
        if model.members is not None:
            return model.members
        assert model.policy is not None
        people: dict[str, None] = {}
        for level in self.model.policies[model.policy].levels:
            for target in level.page:
                if target.person is not None:
                    people[target.person] = None
                if target.schedule is not None:
                    people |= dict.fromkeys(self.shifts[target.schedule].people())
                people |= dict.fromkeys(target.round_robin or ())
        return tuple(people)

    def _first_level(self, team: str, epoch_ms: int, turn: int) -> tuple[PagedPerson, ...]:
        return self._reach(team, epoch_ms, turn, frozenset())

    def _reach(
        self, team: str, epoch_ms: int, turn: int, passed: frozenset[str]
    ) -> tuple[PagedPerson, ...]:
        """Whom a team's first level pages; teams that page each other in a circle page nobody."""
        if team in passed:
            return ()
        model = self.model.teams[team]
        if model.policy is None:
            return MemberRoute(team, model).recipients(0, epoch_ms, turn)

        def first_level(other: str, now: int, count: int) -> tuple[PagedPerson, ...]:
            return self._reach(other, now, count, passed | {team})

        policy = self.model.policies[model.policy]
        route = PolicyRoute(team, policy, self.on_call, first_level, self.channels)
        return route.recipients(0, epoch_ms, turn)
