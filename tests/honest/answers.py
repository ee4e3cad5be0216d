"""Answers of honest people, who err now and then, and of an honest automation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.analysis import Timeline
from simulator.analysis.mistakes import orders_in_vain, wrong_claims
from simulator.responders import Responder
from simulator.run import Player
from simulator.run.events import LandedEvent, MissedEvent
from simulator.session import Door, Order

MINUTE = 60_000
# Minutes after the first page, an action, its arguments.
Step = tuple[float, str, Mapping[str, Any]]


class Person:
    """Acknowledges every page, and acts some minutes after the first one.

    Parameters
    ----------
    steps : sequence of Step
    before : sequence of Step
        Given by minutes of the drill, page or not.
    """

    def __init__(self, steps: Sequence[Step] = (), before: Sequence[Step] = ()) -> None:
        self._steps, self._due = list(steps), list(before)
        self._paged = False

    def respond(self, door: Door) -> int | None:
        """Acknowledge new pages, and give the orders that are due."""
        for news in door.seen().news:
            if news.kind == "page":
                door.submit(Order("acknowledge", {"page": news.data["page"]}))
                if not self._paged:
                    self._paged = True
                    since = door.now / MINUTE
                    self._due += [(since + minute, *order) for minute, *order in self._steps]
        self._due.sort(key=lambda step: step[0])
        while self._due and self._due[0][0] * MINUTE <= door.now:
            _, action, args = self._due.pop(0)
            door.submit(Order(action, dict(args)))
        return round(self._due[0][0] * MINUTE) if self._due else None


class RollsBack:
    """An automation without a pager: rolls a release back whose answers are slow for a minute."""

    SLOW = (
        "histogram_quantile(0.99, sum by (le) "
        "(rate(http_request_duration_seconds_bucket[1m]))) > 0.4 "
        "and on() max(changes(ml_serving_build[10m])) > 0"
    )

    def __init__(self) -> None:
        self._rolled_back = False

    def respond(self, door: Door) -> int | None:
        """Look every quarter of a minute."""
        door.seen()
        if not self._rolled_back and door.query(self.SLOW):
            self._rolled_back = True
            door.submit(Order("rollback", {"target": "serving"}))
        return door.now + MINUTE // 4


@dataclass(frozen=True)
class Honest:
    """An honest answer to a drill.

    Attributes
    ----------
    drill : str
    responder : callable
        Makes it anew.
    shows : callable
        Whether a run has the peculiarity that the answer is about.
    changes : dict
        Of the drill, by key.
    kind : str
        Of the player.
    """

    drill: str
    responder: Callable[[], Responder]
    shows: Callable[[Timeline], object]
    changes: Mapping[str, Any] = field(default_factory=dict)
    kind: Any = "person"

    @property
    def sets(self) -> list[str]:
        """The changes as `--set` takes them."""
        return [f"{key}={json.dumps(value)}" for key, value in self.changes.items()]

    def players(self, team: str) -> list[Player]:
        """The only player, named as the team."""
        return [Player(team, team, kind=self.kind)]


def update(minute: float, *to: str) -> Step:
    """A status update."""
    return minute, "status_update", {"to": list(to), "text": "We are on it."}


DECLARES = (1, "declare", {"severity": "SEV3"})
CLAIMS = (4, "diagnose", {"cause": "latency.slow_build", "component": "serving"})
ROLLS_BACK = (5, "rollback", {"target": "serving"})
TELLS, CLOSES = update(6, "product", "support"), (30, "close", {})
MENDS = (DECLARES, CLAIMS, ROLLS_BACK, TELLS, CLOSES)
STORM = {"id": "storm", "at": "45m", "fault": "overload", "args": {"rate": "30/s", "ramp": "10m"}}
LOSS = {"id": "dead", "at": "45m", "fault": "node_loss", "target": "cluster", "args": {"node": 1}}


def person(
    drill: str,
    shows: Callable[[Timeline], object],
    *steps: Step,
    before: Sequence[Step] = (),
    **changes: Any,
) -> Honest:
    """A person's answer."""
    return Honest(drill, lambda: Person(steps, before), shows, changes)


def calls(run: Timeline, team: str) -> int:
    """How often a team was called."""
    return sum(page.team == team and page.first.via == "person" for page in run.page_histories)


ANSWERS = {
    "one wrong claim": person(
        "first-shift", wrong_claims, *MENDS, (2, "diagnose", {"cause": "latency.overload"})
    ),
    "one team too many": person(
        "first-shift", lambda run: run.needless_calls, *MENDS,
        (3, "page", {"team": "data-engineering", "text": "Is it your feed? Answers are slow."}),
    ),
    "one order in vain": person(
        "first-shift", orders_in_vain, *MENDS, (3, "scale", {"replicas": 4})
    ),
    "a rollback without a pager": Honest(
        "first-shift", RollsBack, lambda run: not run.done_times("acknowledge"), kind="automation"
    ),
    "an early right declaration": person(
        "first-shift", lambda run: run.incidents[0].marks.declare < run.pages_to_played_team[0].t,
        *MENDS[1:], before=[(30.5, "declare", {"severity": "SEV3"})],
    ),
    "replicas that the load needs": person(
        "rush-hour", lambda run: run.debt_history_since(0).outstanding,
        (1, "declare", {"severity": "SEV2"}),
        (3, "diagnose", {"cause": "latency.overload", "component": "serving"}),
        (4, "scale", {"replicas": 8}),
        *(update(minute, "product", "support") for minute in (5, 30, 60)),
        CLOSES,
        injects=[STORM],
    ),
    "a second page by the policy": person(
        "first-shift", lambda run: calls(run, "incident-command") == 2, *MENDS,
        (2, "page", {"team": "incident-command", "text": "Answers are slow."}),
        (10, "page", {"team": "incident-command", "text": "It goes on."}),
    ),
    "a node drained before it dies": person(
        "first-shift", lambda run: run.run.of(MissedEvent) and not run.run.of(LandedEvent),
        before=[
            (38, "cordon_node", {"node": 1, "drain": True}),
            (70, "cordon_node", {"node": 1, "back": True}),
        ],
        injects=[LOSS],
    ),
    "a retrain that leaves a new version": person(
        "padded-schedules", lambda run: run.done_times("retrain"),
        DECLARES,
        (10, "diagnose", {"cause": "drift.concept_drift"}),
        update(12, "product"),
        *((minute, "retrain", {"window": "3h"}) for minute in (60, 240)),
        (360, "close", {}),
    ),
}  # fmt: skip
