"""Which fault caused an alert, by comparison with the twins.

A fault caused an alert if the alert fires with the faults and nobody acting, and not at that time
without the faults; where there are several faults, also not at that time, nor a minute later,
without this one. An alert that fires whichever fault is left out, because each fault is enough for
it, is caused by all faults that have begun. The responder caused an alert that fires in this run
only.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from simulator.analysis.onsets import Onset, leave_one_out_twins, onsets
from simulator.run import NO_FAULT, NONE, Run
from simulator.run.events import AlertEvent

# A fault that only hastens an alert by an evaluation or two has not caused it: with an eighth more
# customers, the alert of a slow build fires 30 s sooner in two of twelve seeds.
GRACE = 60_000
LabelSet = frozenset[tuple[str, str]]


class AlertIdentity(NamedTuple):
    """An alert: its rule's name and its labels (None: any)."""

    name: str
    labels: LabelSet | None = None

    def matches(self, other: "AlertIdentity") -> bool:
        """Whether both may name the same alert."""
        if self.name != other.name:
            return False
        return self.labels is None or other.labels is None or self.labels == other.labels


class Firing(NamedTuple):
    """An alert from when it fired until it was resolved, ms."""

    alert: AlertIdentity
    start: int
    end: float


def alert_identity(entry: Any) -> AlertIdentity:
    """The alert that a notification, a page or an alert event names.

    Examples
    --------
    >>> alert_identity({"alert": "Drift", "labels": {"feature": "x"}}).name
    'Drift'
    >>> alert_identity({"alertname": "Drift", "feature": "x"}).name, alert_identity("Drift").labels
    ('Drift', None)
    """
    if not isinstance(entry, Mapping):
        return AlertIdentity(str(entry))
    labels = entry.get("labels")
    if not isinstance(labels, Mapping) and "alert" not in entry:
        labels = entry  # a bare label set
    name = entry.get("alert") or (labels or {}).get("alertname") or entry.get("name") or ""
    if labels is None:
        return AlertIdentity(str(name))
    pairs = ((str(k), str(v)) for k, v in labels.items() if k not in {"alertname", "alert"})
    return AlertIdentity(str(name), frozenset(pairs))


def alert_of(event: AlertEvent) -> AlertIdentity:
    """The alert that an `alert` event is about."""
    name, labels = event.alert, event.labels
    return alert_identity({"alert": name, "labels": labels})


def firings(run: Run) -> list[Firing]:
    """Every alert of a run from firing to resolved; an alert that still fires never ends."""
    firing_since: dict[AlertIdentity, int] = {}
    finished = []
    for event in run.of(AlertEvent):
        alert, state = alert_of(event), event.state
        if state == "firing":
            firing_since.setdefault(alert, event.t)
        elif alert in firing_since and state in {"resolved", "inactive"}:
            finished.append(Firing(alert, firing_since.pop(alert), event.t))
    unfinished = [Firing(alert, start, math.inf) for alert, start in firing_since.items()]
    return sorted(finished + unfinished, key=lambda firing: (firing.start, firing.alert.name))


def _is_firing(firings: Sequence[Firing], alert: AlertIdentity, at: float, grace: int = 0) -> bool:
    """Whether an alert fires at a time, or begins to by `grace` ms later."""
    return any(
        firing.alert.matches(alert) and firing.start <= at + grace and at <= firing.end
        for firing in firings
    )


class Attribution:
    """Attributes alerts to faults and to the responder.

    Parameters
    ----------
    twins : mapping of str to Run
        A run without a responder is its own `none` twin.
    """

    def __init__(self, run: Run, twins: Mapping[str, Run]) -> None:
        no_fault, none = twins.get(NO_FAULT), twins.get(NONE)
        if none is None and run.header.responder == "none":
            none = run
        self.has_twins = no_fault is not None and none is not None
        self._run_firings = firings(run)
        self._no_fault_firings = firings(no_fault) if no_fault else []
        self._none_firings = firings(none) if none else []
        left_out = leave_one_out_twins(run, twins)
        self._firings_without = {
            onset: firings(left_out[onset.id]) for onset in onsets(run) if left_out
        }

    @property
    def separates_faults(self) -> bool:
        """Whether there are several faults, and a twin without each of them."""
        return self.has_twins and bool(self._firings_without)

    def caused_by(
        self, alert: AlertIdentity, at: int, fault: Onset, pending_since: int | None = None
    ) -> bool:
        """Whether a fault caused an alert that fired at `at`.

        Parameters
        ----------
        at : int, ms
        pending_since : int, ms, optional
            When the alert became pending. A fault that began later did not cause it, unless the
            twins show otherwise.
        """
        if not self.has_twins or at < fault.t:
            return False
        # A page names the rule alone: it is about the alerts of that name that fire in the run.
        firing_now = {
            firing.alert
            for firing in self._run_firings
            if firing.alert.matches(alert) and firing.start <= at <= firing.end
        }
        since = at if pending_since is None else pending_since
        return any(self._caused_by(exact, at, fault, since) for exact in firing_now or {alert})

    def _caused_by(self, alert: AlertIdentity, at: int, fault: Onset, pending_since: int) -> bool:
        if _is_firing(self._no_fault_firings, alert, at):
            return False
        if not any(f.alert.matches(alert) and f.end >= fault.t for f in self._none_firings):
            return False
        # A notification may name an alert that is over beside others that fire.
        ends = (f.end for f in self._run_firings if f.alert.matches(alert) and f.start <= at)
        last = max(ends, default=at)
        necessary = [
            onset
            for onset, firings in self._firings_without.items()
            if onset.t <= at and not _is_firing(firings, alert, min(at, last), GRACE)
        ]
        return fault in necessary if necessary else fault.t <= pending_since

    def caused_by_responder(self, alert: AlertIdentity) -> bool:
        """Whether an order caused an alert: neither twin ever has it."""
        if not self.has_twins:
            return False
        return not any(f.alert.matches(alert) for f in self._no_fault_firings + self._none_firings)
