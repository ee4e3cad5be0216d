"""The life of every alert: when it became pending, fired, and was over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from simulator.run import Run
from simulator.run.events import AlertEvent

LabelPairs = tuple[tuple[str, str], ...]


class AlertIdentity(NamedTuple):
    """An alert: its rule's name and its labels, sorted and without the name (None: any).

    Examples
    --------
    >>> AlertIdentity.of_labels({"alertname": "Drift", "feature": "x"})
    AlertIdentity(name='Drift', labels=(('feature', 'x'),))
    >>> AlertIdentity("Drift").matches(_)
    True
    """

    name: str
    labels: LabelPairs | None = None

    @classmethod
    def of_labels(cls, labels: Mapping[str, str]) -> Self:
        """The alert with a label set, as in a notification."""
        return cls.of_rule(labels.get("alertname", ""), labels)

    @classmethod
    def of_rule(cls, name: str, labels: Mapping[str, str]) -> Self:
        """The alert of a rule's name with a label set."""
        pairs = ((key, value) for key, value in labels.items() if key != "alertname" and value)
        return cls(name, tuple(sorted(pairs)))

    def matches(self, other: "AlertIdentity") -> bool:
        """Whether both may name the same alert."""
        if self.name != other.name:
            return False
        return self.labels is None or other.labels is None or self.labels == other.labels


@dataclass(frozen=True)
class AlertSpan:
    """One alert, from when its condition held until it held no longer; times in ms.

    Attributes
    ----------
    pending : int or None
        None if it fired at once.
    firing : int or None
        None if it never fired.
    end : int or None
        None if it lasted until the end of the log.
    summary : str
        The summary of its annotations, when it fired.
    """

    alert: AlertIdentity
    pending: int | None = None
    firing: int | None = None
    end: int | None = None
    summary: str = ""

    @property
    def labels(self) -> LabelPairs:
        """Its label set, sorted, with the name."""
        return tuple(sorted([("alertname", self.alert.name), *(self.alert.labels or ())]))

    @property
    def start(self) -> int:
        """When it fired, ms; for an alert that never fired, when it became pending."""
        return self.firing if self.firing is not None else self.pending or 0

    def begins_to_fire_by(self, t: float) -> bool:
        """Whether it fires at a time, or fired before."""
        return self.firing is not None and self.firing <= t

    def lasts_until(self, t: float) -> bool:
        """Whether it was not over before a time."""
        return self.end is None or t <= self.end

    def fires_at(self, t: float) -> bool:
        """Whether it fires at a time; both its edges count."""
        return self.begins_to_fire_by(t) and self.lasts_until(t)


def alert_spans(run: Run) -> list[AlertSpan]:
    """The spans of every alert of a run, in order of their first event."""
    spans: list[AlertSpan] = []
    active: dict[AlertIdentity, int] = {}
    for event in run.of(AlertEvent):
        alert = AlertIdentity.of_rule(event.alert, event.labels)
        if event.state not in {"pending", "firing"}:
            if alert in active:
                number = active.pop(alert)
                spans[number] = replace(spans[number], end=event.t)
            continue
        number = active.setdefault(alert, len(spans))
        if number == len(spans):
            spans.append(AlertSpan(alert))
        if event.state == "pending":
            spans[number] = replace(spans[number], pending=event.t)
        elif spans[number].firing is None:
            notes = event.annotations
            summary = notes.get("summary") or notes.get("description") or ""
            spans[number] = replace(spans[number], firing=event.t, summary=summary)
    return spans
