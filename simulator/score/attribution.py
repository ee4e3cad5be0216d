"""Which alerts the fault caused, told by the twins.

An alert is caused by a fault if it fires with the faults and nobody acting, and not at that
time without the faults. One that only this run has was brought about by its responder.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from simulator.run import Run

Labels = frozenset[tuple[str, str]]


class Identity(NamedTuple):
    """An alert: its rule's name and its labels (None: any)."""

    name: str
    labels: Labels | None = None

    def is_like(self, other: Identity) -> bool:
        """Whether both may name the same alert."""
        if self.name != other.name:
            return False
        return self.labels is None or other.labels is None or self.labels == other.labels


class Firing(NamedTuple):
    """An alert from when it fired until it was resolved, ms."""

    alert: Identity
    start: int
    end: float


def identity(entry: Any) -> Identity:
    """The alert that a notification, a page or an alert event names.

    Examples
    --------
    >>> identity({"alert": "Drift", "labels": {"feature": "x"}}).name
    'Drift'
    >>> identity("Drift") == identity({"alertname": "Drift"}) or identity("Drift").labels is None
    True
    """
    if not isinstance(entry, Mapping):
        return Identity(str(entry))
    labels = entry.get("labels")
    if not isinstance(labels, Mapping) and "alert" not in entry:
        labels = entry  # a bare label set
    name = entry.get("alert") or (labels or {}).get("alertname") or entry.get("name") or ""
    if labels is None:
        return Identity(str(name))
    kept = ((str(k), str(v)) for k, v in labels.items() if k not in {"alertname", "alert"})
    return Identity(str(name), frozenset(kept))


def firings(run: Run) -> list[Firing]:
    """Every alert of a run from firing to resolved; one that still fires never ends."""
    open_since: dict[Identity, int] = {}
    found = []
    for event in run.of("alert"):
        alert = identity({"alert": event.data.get("alert"), "labels": event.data.get("labels", {})})
        state = event.data.get("state")
        if state == "firing":
            open_since.setdefault(alert, event.t)
        elif alert in open_since and state in {"resolved", "inactive"}:
            found.append(Firing(alert, open_since.pop(alert), event.t))
    found += [Firing(alert, start, math.inf) for alert, start in open_since.items()]
    return sorted(found, key=lambda firing: (firing.start, firing.alert.name))


class Attribution:
    """Says of an alert what brought it about.

    Parameters
    ----------
    run : Run
    no_fault, none : Run or None
        The twins without the faults and without anybody acting.
    """

    def __init__(self, run: Run, no_fault: Run | None, none: Run | None) -> None:
        self.known = no_fault is not None and none is not None
        self._here = firings(run)
        self._quiet = firings(no_fault) if no_fault else []
        self._unanswered = firings(none) if none else []

    def by_fault(self, alert: Identity, at: int, onset: int) -> bool:
        """Whether an alert that was there at `at` was caused by the fault of `onset`."""
        if not self.known or at < onset:
            return False
        # A page names the rule alone; what fires under that name here and now is meant.
        named = {f.alert for f in self._here if f.alert.is_like(alert) and f.start <= at <= f.end}
        return any(self._by_fault(one, at, onset) for one in named or {alert})

    def _by_fault(self, alert: Identity, at: int, onset: int) -> bool:
        anyway = any(
            firing.alert.is_like(alert) and firing.start <= at <= firing.end
            for firing in self._quiet
        )
        return not anyway and any(
            firing.alert.is_like(alert) and firing.end >= onset for firing in self._unanswered
        )

    def by_responder(self, alert: Identity) -> bool:
        """Whether neither twin ever has this alert: somebody's order brought it about."""
        if not self.known:
            return False
        return not any(f.alert.is_like(alert) for f in self._quiet + self._unanswered)
