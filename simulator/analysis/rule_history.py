"""The history of each alerting rule over a finished run: its alerts, and whom they reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.alerting.rulefile import RuleGroup, RuleSpec
from simulator.analysis.alert_spans import AlertIdentity, AlertSpan
from simulator.analysis.run_record import RunRecord
from simulator.promql import Engine, PromQLError
from simulator.run.events import NotificationEvent, PageEvent
from simulator.telemetry.store import Labels, SeriesStore
from simulator.units.wording import SCRAPE_LABELS


class Recipient(NamedTuple):
    """A receiver, or a person of a team, that an alert reached."""

    t: int
    who: str


@dataclass(frozen=True)
class AlertEpisode:
    """One alert, and the receivers and people that it reached."""

    span: AlertSpan
    notified: tuple[Recipient, ...] = ()
    paged: tuple[Recipient, ...] = ()


@dataclass
class RuleHistory:
    """One alerting rule over a run."""

    group: RuleGroup
    rule: RuleSpec
    episodes: list[AlertEpisode] = field(default_factory=list)
    earliest: int | None = None  # ms; the first scrape since the onset at which its condition held


def rule_histories(
    record: RunRecord, groups: Sequence[RuleGroup], dialect: int
) -> list[RuleHistory]:
    """The history of every alerting rule of a run.

    Parameters
    ----------
    record : RunRecord
        Of a run with its series, unless it was interrupted.
    dialect : int
        2 or 3, the major version of Prometheus.
    """
    run = record.run
    episodes = _episodes(record)
    store = SeriesStore.from_arrays(run.series) if run.series else SeriesStore()
    engine = Engine(store, dialect, epoch=run.header.epoch)
    histories = []
    for group in groups:
        for rule in group.rules:
            if rule.alert:
                own = [episode for episode in episodes if _is_of(rule, group, episode.span.labels)]
                histories.append(RuleHistory(group, rule, own, _earliest(record, engine, rule)))
    return histories


def _episodes(record: RunRecord) -> list[AlertEpisode]:
    """The episodes in order of their start, with the receivers and people that each reached."""
    notifications = [
        (event, {AlertIdentity.of_labels(labels) for labels in event.alerts})
        for event in record.run.of(NotificationEvent)
        if event.status == "firing"
    ]
    deliveries = [event for event in record.run.of(PageEvent) if event.state == "delivered"]
    return [
        AlertEpisode(
            span,
            tuple(
                Recipient(event.t, event.receiver)
                for event, alerts in notifications
                if span.alert in alerts and span.fires_at(event.t)
            ),
            tuple(
                Recipient(page.t, f"{page.who}/{page.person}")
                for page in deliveries
                # A page names its alerts without their labels.
                if span.alert.name in page.alerts and span.fires_at(page.t)
            ),
        )
        for span in record.alert_spans
    ]


def _is_of(rule: RuleSpec, group: RuleGroup, labels: Labels) -> bool:
    """Whether an alert is this rule's: other rules may have its name and other labels."""
    by_name = dict(labels)
    texts = {**dict(group.labels), **dict(rule.labels)}
    fixed = {name: text for name, text in texts.items() if "{{" not in text}
    same = all(by_name.get(name) == text for name, text in fixed.items())
    return by_name.get("alertname") == rule.alert and same


def _earliest(record: RunRecord, engine: Engine, rule: RuleSpec) -> int | None:
    """The first scrape since the first onset at which the expression held, regardless of `for`."""
    if not record.onsets or not record.run.series:
        return None
    scrape = record.header.scrape
    start = -(-record.onsets[0].t // scrape) * scrape
    try:
        result = engine.query_range(rule.expr, start, record.end, scrape)
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
        for name, value in labels
        if fixed.get(name) != value and name not in SCRAPE_LABELS
    ]
    return ", ".join(f"{name}={value}" for name, value in own)
