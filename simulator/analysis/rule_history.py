"""The history of each alerting rule over a finished run: its alerts, and whom they reached."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from simulator.alerting.rulefile import RuleGroup, RuleSpec
from simulator.promql import Engine, PromQLError
from simulator.promql.plan_nodes import without_name
from simulator.run import Run
from simulator.run.events import AlertEvent, InjectEvent, NotificationEvent, PageEvent
from simulator.telemetry.store import Labels, SeriesStore, labels_of

TARGET = ("job", "instance", "namespace")  # the same for most series of a pipeline


class Recipient(NamedTuple):
    """A receiver, or a person of a team, that an alert reached."""

    t: int
    who: str


@dataclass
class AlertEpisode:
    """One alert, from when its condition held until it held no longer; times in ms."""

    labels: Labels
    pending: int | None = None
    firing: int | None = None
    end: int | None = None  # None: it lasted until the end of the run
    notified: list[Recipient] = field(default_factory=list)
    paged: list[Recipient] = field(default_factory=list)

    def fires_at(self, t: int) -> bool:
        """Whether the alert fires at t."""
        end = np.inf if self.end is None else self.end
        return self.firing is not None and bool(self.firing <= t <= end)


@dataclass
class RuleHistory:
    """One alerting rule over a run."""

    group: RuleGroup
    rule: RuleSpec
    episodes: list[AlertEpisode] = field(default_factory=list)
    earliest: int | None = None  # ms; the first scrape since the onset at which its condition held


def rule_histories(
    run: Run, groups: Sequence[RuleGroup], dialect: int, epoch: int
) -> list[RuleHistory]:
    """The history of every alerting rule of a run.

    Parameters
    ----------
    run : Run
        With its series, unless it was interrupted.
    dialect : int
        2 or 3, the major version of Prometheus.
    epoch : int, ms since 1970
        Time 0 on the calendar.
    """
    episodes = list(_episodes(run))
    _add_recipients(run, episodes)
    store = SeriesStore.from_arrays(run.series) if run.series else SeriesStore()
    engine = Engine(store, dialect, epoch=epoch)
    onset = first_onset(run)
    histories = []
    for group in groups:
        for rule in group.rules:
            if rule.alert:
                own = [episode for episode in episodes if _is_of(rule, group, episode.labels)]
                histories.append(RuleHistory(group, rule, own, _earliest(run, engine, rule, onset)))
    return histories


def first_onset(run: Run) -> int | None:
    """The time of the first fault; None without faults."""
    return min((event.t for event in faults(run)), default=None)


def faults(run: Run) -> list[InjectEvent]:
    """The injects that are faults, in order."""
    return [event for event in run.of(InjectEvent) if event.type == "fault"]


def _episodes(run: Run) -> Iterator[AlertEpisode]:
    """The episodes in order of their start."""
    active: dict[Labels, AlertEpisode] = {}
    for event in run.of(AlertEvent):
        labels, state = labels_of(event.labels), event.state
        if state in ("pending", "firing"):
            episode = active.get(labels)
            if episode is None:
                episode = active[labels] = AlertEpisode(labels)
                yield episode
            setattr(episode, state, event.t)
        elif labels in active:
            active.pop(labels).end = event.t


def _is_of(rule: RuleSpec, group: RuleGroup, labels: Labels) -> bool:
    """Whether an alert is this rule's: other rules may have its name and other labels."""
    by_name = dict(labels)
    texts = {**dict(group.labels), **dict(rule.labels)}
    fixed = {name: text for name, text in texts.items() if "{{" not in text}
    same = all(by_name.get(name) == text for name, text in fixed.items())
    return by_name.get("alertname") == rule.alert and same


def _add_recipients(run: Run, episodes: Sequence[AlertEpisode]) -> None:
    """Add the receivers and the people that each alert reached."""
    for event in run.of(NotificationEvent):
        notified = [labels_of(alert) for alert in event.alerts]
        for episode in episodes if event.status == "firing" else ():
            if episode.labels in notified and episode.fires_at(event.t):
                episode.notified.append(Recipient(event.t, event.receiver))
    for page in run.of(PageEvent):
        for episode in episodes if page.state == "delivered" else ():
            # A page names its alerts without their labels.
            named = dict(episode.labels)["alertname"] in page.alerts
            if named and episode.fires_at(page.t):
                episode.paged.append(Recipient(page.t, f"{page.who}/{page.person}"))


def _earliest(run: Run, engine: Engine, rule: RuleSpec, onset: int | None) -> int | None:
    """The first scrape since the onset at which the expression held, regardless of `for`."""
    if onset is None or not run.series:
        return None
    scrape = run.header.scrape
    start = -(-onset // scrape) * scrape
    try:
        result = engine.query_range(rule.expr, start, run.header.duration, scrape)
    except PromQLError:
        return None
    return min((int(times[0]) for times, _ in result.series if len(times)), default=None)


def distinguishing_labels(labels: Labels, rule: RuleSpec) -> str:
    """The labels that distinguish a rule's alerts, without the rule's and the target's labels.

    Examples
    --------
    >>> distinguishing_labels((("alertname", "Drift"), ("feature", "x"), ("severity", "page")),
    ...                       RuleSpec("x", alert="Drift", labels=(("severity", "page"),)))
    'feature=x'
    """
    fixed: Mapping[str, str] = {**dict(rule.labels), "alertname": rule.alert}
    own = [
        (name, value)
        for name, value in without_name(labels)
        if fixed.get(name) != value and name not in TARGET
    ]
    return ", ".join(f"{name}={value}" for name, value in own)
