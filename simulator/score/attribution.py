"""Which alerts a fault caused, told by the twins.

An alert is caused by a fault if it fires with the faults and nobody acting, and not at that
time without the faults; and where there are several, not at that time, nor a minute later,
without this one. One that fires whichever of them is left out, as each is enough for it, is
caused by all that have set in. One that only this run has was brought about by its responder.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from simulator.run import NO_FAULT, NONE, Run
from simulator.score.onsets import Onset, leave_one_out, onsets

# What only hastens an alert by an evaluation or two has not caused it: with an eighth more
# customers, that of a slow build fires 30 s sooner in two of twelve seeds.
GRACE = 60_000
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


def _fires(firings: Sequence[Firing], alert: Identity, at: float, grace: int = 0) -> bool:
    """Whether an alert fires at a time, or has begun to by `grace` ms later."""
    return any(
        one.alert.is_like(alert) and one.start <= at + grace and at <= one.end for one in firings
    )


class Attribution:
    """Says of an alert what brought it about.

    Parameters
    ----------
    run : Run
    twins : mapping of str to Run
        A run that nobody answered is its own `none`.
    """

    def __init__(self, run: Run, twins: Mapping[str, Run]) -> None:
        no_fault, none = twins.get(NO_FAULT), twins.get(NONE)
        if none is None and run.header.get("responder") == "none":
            none = run
        self.known = no_fault is not None and none is not None
        self._here = firings(run)
        self._quiet = firings(no_fault) if no_fault else []
        self._unanswered = firings(none) if none else []
        left_out = leave_one_out(run, twins)
        self._without = {one: firings(left_out[one.id]) for one in onsets(run) if left_out}

    @property
    def apart(self) -> bool:
        """Whether there are several faults, with the twins that tell one from another."""
        return self.known and bool(self._without)

    def by_fault(self, alert: Identity, at: int, fault: Onset, since: int | None = None) -> bool:
        """Whether an alert that was there at `at` was caused by a fault.

        Parameters
        ----------
        alert : Identity
        at : int, ms
        fault : Onset
        since : int, ms, optional
            When it became pending. Unless its twins say so, what sets in later has not
            brought it about.
        """
        if not self.known or at < fault.t:
            return False
        # A page names the rule alone; what fires under that name here and now is meant.
        named = {f.alert for f in self._here if f.alert.is_like(alert) and f.start <= at <= f.end}
        begun = at if since is None else since
        return any(self._by_fault(one, at, fault, begun) for one in named or {alert})

    def _by_fault(self, alert: Identity, at: int, fault: Onset, begun: int) -> bool:
        if _fires(self._quiet, alert, at):
            return False
        if not any(f.alert.is_like(alert) and f.end >= fault.t for f in self._unanswered):
            return False
        # A notification may name one that is over, beside others that fire.
        last = max(
            (f.end for f in self._here if f.alert.is_like(alert) and f.start <= at), default=at
        )
        needed = [
            one
            for one, firings in self._without.items()
            if one.t <= at and not _fires(firings, alert, min(at, last), GRACE)
        ]
        return fault in needed if needed else fault.t <= begun

    def by_responder(self, alert: Identity) -> bool:
        """Whether neither twin ever has this alert: somebody's order brought it about."""
        if not self.known:
            return False
        return not any(f.alert.is_like(alert) for f in self._quiet + self._unanswered)
