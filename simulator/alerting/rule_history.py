"""What each alerting rule did over a run that is over: when, how early at best, for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from simulator.alerting.rulefile import RuleGroup, RuleSpec
from simulator.promql import Engine, PromQLError
from simulator.promql.plan_nodes import without_name
from simulator.run import Event, Run
from simulator.telemetry.store import Labels, SeriesStore, labels_of

TARGET = ("job", "instance", "namespace")  # one of each in most pipelines


class Told(NamedTuple):
    """Somebody who heard of an alert: a receiver, or a person of a team."""

    t: int
    who: str


@dataclass
class Spell:
    """One alert, from when its expression held until it did no more; times in ms."""

    labels: Labels
    pending: int | None = None
    firing: int | None = None
    end: int | None = None  # None: it lasted until the end of the run
    notified: list[Told] = field(default_factory=list)
    paged: list[Told] = field(default_factory=list)

    def covers(self, t: int, until: float) -> bool:
        """Whether t lies in it."""
        start = self.pending if self.firing is None else self.firing
        return (start or 0) <= t <= (until if self.end is None else self.end)


@dataclass
class Course:
    """One rule over a run."""

    group: RuleGroup
    rule: RuleSpec
    spells: list[Spell] = field(default_factory=list)
    earliest: int | None = None  # ms; the first scrape from the onset on at which it held


def courses(run: Run, groups: Sequence[RuleGroup], dialect: int, epoch: int) -> list[Course]:
    """Every alerting rule of a run.

    Parameters
    ----------
    run : Run
        With its series, unless it was interrupted.
    groups : sequence of RuleGroup
    dialect : int
        2 or 3, the major version of Prometheus.
    epoch : int, ms since 1970
        What time 0 is on the calendar.
    """
    spells = list(_spells(run))
    _tell(run, spells)
    store = SeriesStore.from_arrays(run.series) if run.series else SeriesStore()
    engine = Engine(store, dialect, epoch=epoch)
    onset = first_onset(run)
    found = []
    for group in groups:
        for rule in group.rules:
            if rule.alert:
                mine = [one for one in spells if _of(rule, group, one.labels)]
                found.append(Course(group, rule, mine, _earliest(run, engine, rule, onset)))
    return found


def first_onset(run: Run) -> int | None:
    """When the first fault set in; None where there was none."""
    return min((event.t for event in faults(run)), default=None)


def faults(run: Run) -> list[Event]:
    """The injects that are faults, in order."""
    return [event for event in run.of("inject") if event.data.get("type") == "fault"]


def _spells(run: Run) -> Iterator[Spell]:
    """Alerts from their first state to their last, in order of their beginning."""
    under_way: dict[Labels, Spell] = {}
    for event in run.of("alert"):
        labels, state = labels_of(event.data["labels"]), event.data["state"]
        if state in ("pending", "firing"):
            spell = under_way.get(labels)
            if spell is None:
                spell = under_way[labels] = Spell(labels)
                yield spell
            setattr(spell, state, event.t)
        elif labels in under_way:
            under_way.pop(labels).end = event.t


def _of(rule: RuleSpec, group: RuleGroup, labels: Labels) -> bool:
    """Whether an alert is this rule's: others may have the same name and other labels."""
    have = dict(labels)
    given = {**dict(group.labels), **dict(rule.labels)}
    fixed = {name: text for name, text in given.items() if "{{" not in text}
    return have.get("alertname") == rule.alert and all(have.get(n) == v for n, v in fixed.items())


def _tell(run: Run, spells: Sequence[Spell]) -> None:
    """Put receivers and people to the alerts that they were told of."""
    for event in run.of("notification"):
        named = [labels_of(alert) for alert in event.data["alerts"]]
        for spell in spells if event.data["status"] == "firing" else ():
            if spell.labels in named and _firing(spell, event.t):
                spell.notified.append(Told(event.t, event.data["receiver"]))
    for event in run.of("page"):
        for spell in spells if event.data["state"] == "delivered" else ():
            # A page names its alerts without their labels.
            named_so = dict(spell.labels)["alertname"] in event.data["alerts"]
            if named_so and _firing(spell, event.t):
                spell.paged.append(Told(event.t, f"{event.who}/{event.data['person']}"))


def _firing(spell: Spell, t: int) -> bool:
    return spell.firing is not None and spell.covers(t, np.inf)


def _earliest(run: Run, engine: Engine, rule: RuleSpec, onset: int | None) -> int | None:
    """The first scrape from the onset on at which the expression held, whatever its `for`."""
    if onset is None or not run.series:
        return None
    scrape = int(run.header["scrape"])
    start = -(-onset // scrape) * scrape
    try:
        found = engine.query_range(rule.expr, start, int(run.header["duration"]), scrape)
    except PromQLError:
        return None
    return min((int(times[0]) for times, _ in found.series if len(times)), default=None)


def shown(labels: Labels, rule: RuleSpec) -> str:
    """What tells an alert from others of its rule: less the rule's labels and the target's.

    Examples
    --------
    >>> shown((("alertname", "Drift"), ("feature", "x"), ("severity", "page")),
    ...       RuleSpec("x", alert="Drift", labels=(("severity", "page"),)))
    'feature=x'
    """
    known: Mapping[str, str] = {**dict(rule.labels), "alertname": rule.alert}
    own = [
        (name, value)
        for name, value in without_name(labels)
        if known.get(name) != value and name not in TARGET
    ]
    return ", ".join(f"{name}={value}" for name, value in own)
