"""Which fault caused an alert, by comparison with the twins.

A fault caused an alert if the alert fires with the faults and nobody acting, and not at that time
without the faults; where there are several faults, also not at that time, nor a minute later,
without this one. An alert that fires whichever fault is left out, because each fault is enough for
it, is caused by all faults that have begun. The responder caused an alert that fires in this run
only.
"""

from collections.abc import Mapping, Sequence

from simulator.analysis.alert_spans import AlertIdentity, AlertSpan
from simulator.analysis.onsets import Onset
from simulator.analysis.run_record import RunRecord
from simulator.run.events import NotificationEvent, PageEvent

# A fault that only hastens an alert by an evaluation or two has not caused it: with an eighth more
# customers, the alert of a slow build fires 30 s sooner in two of twelve seeds.
GRACE = 60_000


def alerts_named_by(event: NotificationEvent | PageEvent) -> list[AlertIdentity]:
    """The alerts of a notification, or of a page, which names them without their labels."""
    if isinstance(event, PageEvent):
        return [AlertIdentity(name) for name in event.alerts]
    return [AlertIdentity.of_labels(labels) for labels in event.alerts]


def _is_firing(spans: Sequence[AlertSpan], alert: AlertIdentity, at: float, grace: int = 0) -> bool:
    """Whether an alert fires at a time, or begins to by `grace` ms later."""
    return any(
        span.alert.matches(alert) and span.begins_to_fire_by(at + grace) and span.lasts_until(at)
        for span in spans
    )


class Attribution:
    """Attributes alerts to faults and to the responder.

    Parameters
    ----------
    record : RunRecord
        The run.
    no_fault, none : RunRecord or None
        Its twins of these names. A run without a responder is its own `none` twin.
    without : mapping of Onset to RunRecord
        The twin without each of several faults; empty if they cannot be separated.
    """

    def __init__(
        self,
        record: RunRecord,
        no_fault: RunRecord | None,
        none: RunRecord | None,
        without: Mapping[Onset, RunRecord],
    ) -> None:
        if none is None and record.header.responder == "none":
            none = record
        self._record, self._no_fault, self._none = record, no_fault, none
        self._without = without
        self.has_twins = no_fault is not None and none is not None

    @property
    def separates_faults(self) -> bool:
        """Whether there are several faults, and a twin without each of them."""
        return self.has_twins and bool(self._without)

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
            span.alert
            for span in self._record.firings
            if span.alert.matches(alert) and span.fires_at(at)
        }
        since = at if pending_since is None else pending_since
        return any(self._caused_by(exact, at, fault, since) for exact in firing_now or {alert})

    def caused_any(self, event: NotificationEvent | PageEvent, fault: Onset) -> bool:
        """Whether a fault caused an alert that a notification or a page names."""
        return any(self.caused_by(alert, event.t, fault) for alert in alerts_named_by(event))

    def caused_by_responder(self, alert: AlertIdentity) -> bool:
        """Whether an order caused an alert: neither twin ever has it."""
        if self._no_fault is None or self._none is None:
            return False
        firings = [*self._no_fault.firings, *self._none.firings]
        return not any(span.alert.matches(alert) for span in firings)

    def _caused_by(self, alert: AlertIdentity, at: int, fault: Onset, pending_since: int) -> bool:
        if self._no_fault is None or self._none is None:
            return False
        if _is_firing(self._no_fault.firings, alert, at):
            return False
        with_faults = self._none.firings
        if not any(s.alert.matches(alert) and s.lasts_until(fault.t) for s in with_faults):
            return False
        # A notification may name an alert that is over beside others that fire.
        over = at
        ends = [
            span.end
            for span in self._record.firings
            if span.alert.matches(alert) and span.begins_to_fire_by(at)
        ]
        if ends:
            over = min(at, max(at if end is None else end for end in ends))
        necessary = [
            onset
            for onset, twin in self._without.items()
            if onset.t <= at and not _is_firing(twin.firings, alert, over, GRACE)
        ]
        return fault in necessary if necessary else fault.t <= pending_since
