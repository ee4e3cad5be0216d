"""What `expect` says of the incident, against what follows from the injects and the on-call file.

An author may override what is derived; mostly the two differ because one of them was changed and
the other forgotten. Each warning names both places.
"""

from collections.abc import Iterator

from simulator.director.fault_needs import fault_owner, sole_owners
from simulator.director.injects import BoundInject
from simulator.lint.two_places import two_places
from simulator.scenario import Scenario
from simulator.scenario.expect import Expect
from simulator.setting.bound_scenario import BoundScenario
from simulator.source import Complaint, Document, Key
from simulator.units import Severity
from simulator.units.wording import join_words

CALLS = ("page", "escalate")


def warnings(document: Document, scenario: Scenario, bound: BoundScenario) -> list[Complaint]:
    """The warnings about a scenario's `expect`."""
    expect = scenario.expect
    faults = {n: inject for n, inject in enumerate(bound.injects) if inject.fault is not None}
    answer = _ExpectedAnswer(document, scenario, bound, faults)
    return [
        *answer.causes(expect),
        *answer.owners(expect),
        *answer.severities(expect),
        *answer.forbidden(expect),
    ]


class _ExpectedAnswer:
    """The checks of one scenario."""

    def __init__(
        self,
        document: Document,
        scenario: Scenario,
        bound: BoundScenario,
        faults: dict[int, BoundInject],
    ) -> None:
        self.document, self.scenario, self.bound, self.faults = document, scenario, bound, faults

    def causes(self, expect: Expect) -> Iterator[Complaint]:
        """A cause that no inject has."""
        injected = {fault.fault.cause() for fault in self.faults.values() if fault.fault}
        several = isinstance(expect.cause, tuple)
        causes = expect.cause if isinstance(expect.cause, tuple) else [expect.cause or ""]
        for n, cause in enumerate(causes):
            if cause and cause not in injected:
                path: tuple[Key, ...] = ("expect", "cause", n) if several else ("expect", "cause")
                names = join_words(sorted(injected)) or "no fault"
                yield self._warn(path, f"{cause} is not injected: there is {names}", ("injects",))

    def owners(self, expect: Expect) -> Iterator[Complaint]:
        """A team that alone can end a fault and that `owner` or `escalate` leaves out."""
        plays = self.scenario.plays
        alone = sole_owners(self.bound.injects, self.bound.organisation, plays)
        for n, inject in self.faults.items():
            owner = alone.get(inject.id)
            if owner in (None, plays):
                continue
            text, place = f"only {owner} can end {inject.id}", ("injects", n)
            if expect.owner and owner not in expect.owner:
                owners_named = join_words([*expect.owner])
                yield self._warn(("expect", "owner"), f"is {owners_named}, and {text}", place)
            if expect.escalate == ():
                yield self._warn(("expect", "escalate"), f"says nobody, and {text}", place)

        owners = {fault_owner(inject, self.bound.organisation) for inject in self.faults.values()}
        owners |= {plays, *alone.values()}
        for n, team in enumerate(expect.owner):
            if self.faults and team not in owners:
                text = f"{team} owns nothing that a fault is about"
                yield self._warn(("expect", "owner", n), text, ("oncall", "teams", team))

    def severities(self, expect: Expect) -> Iterator[Complaint]:
        """A severity without a level, no severity of a fault, readers whom the level adds."""
        levels = self.bound.oncall.severities
        for n, step in enumerate(expect.severity):
            path: tuple[Key, ...] = ("expect", "severity", n, "is")
            if step.is_ == Severity.SEV5:
                continue
            if levels and step.is_ not in levels:
                names = join_words([level.value for level in sorted(levels)])
                text = f"{step.is_.value} is no severity of the on-call file: it has {names}"
                yield self._warn(path, text, ("oncall", "severities"))
            missing = [
                name
                for name in (levels[step.is_].inform if step.is_ in levels else ())
                if expect.inform and name not in (*expect.inform, self.scenario.plays)
            ]
            if missing:
                text = f"{step.is_.value} says to inform {join_words(missing)}, too"
                place = ("oncall", "severities", step.is_, "inform")
                yield self._warn(("expect", "inform"), text, place)
        is_incident = any(step.is_ != Severity.SEV5 for step in expect.severity)
        if expect.severity and expect.cause and not is_incident:
            text = "SEV5 is no incident, and there is a cause"
            yield self._warn(("expect", "severity"), text, ("expect", "cause"))

    def forbidden(self, expect: Expect) -> Iterator[Complaint]:
        """Actions that are forbidden and needed at once."""
        for n, action in enumerate(expect.must_not):
            path: tuple[Key, ...] = ("expect", "must_not", n)
            if action in expect.acceptable:
                at = expect.acceptable.index(action)
                text = f"{action} is acceptable, too"
                yield self._warn(path, text, ("expect", "acceptable", at))
            if action in CALLS and expect.must_page:
                text = f"{action} is forbidden, and {expect.must_page[0]} has to be paged"
                yield self._warn(path, text, ("expect", "must_page"))
            for number, inject in self.faults.items():
                if _every_cure_has(inject, action):
                    text = f"{action} is forbidden, and every right move for {inject.id} has it"
                    yield self._warn(path, text, ("injects", number))

    def _warn(self, path: tuple[Key, ...], text: str, other: tuple[Key, ...]) -> Complaint:
        return two_places(self.document, path, text, other)


def _every_cure_has(inject: BoundInject, action: str) -> bool:
    """Whether every right move that ends a fault has an action."""
    moves = inject.fault.right_moves if inject.fault is not None else ()
    cures = [[step.action for step in move.steps] for move in moves if move.cures and move.steps]
    return bool(cures) and all(action in orders for orders in cures)
