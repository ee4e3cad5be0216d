"""The end of a tick: scrapes, rules, notifications, objectives and debts."""

from simulator.alerting.alertmanager import Notification
from simulator.debts import Snapshot, by_rank
from simulator.oncall.paging.pager import Pager
from simulator.pipeline.monitoring import MonitoringLaws
from simulator.run.events import AlertEvent, DebtEvent, NotificationEvent, ObjectiveEvent
from simulator.session.internals import Internals
from simulator.session.journal import Journal

Hits = dict[str, int]  # units of work on which each fault bit


class Evaluation:
    """Evaluates the state of the pipeline after each tick of one run."""

    def __init__(self, internals: Internals, journal: Journal, pager: Pager) -> None:
        self._internals, self._journal, self._pager = internals, journal, pager
        self._debts = by_rank()
        self._owed: set[str] = set()  # debts by name
        self._initial_replicas = internals.world.cluster.desired_replicas

    def scrape(self, laws: MonitoringLaws) -> Hits:
        """Run the monitors and scrape; log changes of objectives and debts."""
        internals, now = self._internals, self._journal.now
        world, params = internals.world, internals.params
        internals.monitors.run(world, params)
        hits = internals.collector.scrape(now, world, params, internals.monitors, laws)
        for name, holds, value in internals.truth.close_interval(
            now, world, internals.collector.links
        ):
            state = "held" if holds else "breached"
            self._journal.write(ObjectiveEvent(now, "world", name, state, value))
        self._log_debts()
        return hits

    def evaluate_alerts(self, laws: MonitoringLaws, hits: Hits) -> None:
        """Evaluate the rules and let Alertmanager notify, as far as the laws let them."""
        chain, now = self._internals.chain, self._journal.now
        for change in chain.evaluate(now, laws, hits):
            event = AlertEvent(
                now, "prometheus", change.alert, change.state, dict(change.labels), change.value,
                dict(change.annotations),
            )  # fmt: skip
            self._journal.write(event)
        for attempt in chain.notify(now, laws, hits):
            if attempt.log_line:
                self._journal.line("alertmanager", *attempt.log_line)
            if attempt.delivered:
                self._notify(attempt.notification)

    def _notify(self, notification: Notification) -> None:
        alerts = tuple(dict(alert.labels) for alert in notification.alerts)
        receiver, status = notification.receiver, notification.status
        group = dict(notification.group_labels)
        self._journal.write(
            NotificationEvent(self._journal.now, receiver, receiver, status, group, alerts)
        )
        annotations = [dict(alert.annotations) for alert in notification.alerts]
        text = annotations[0].get("summary", "") if annotations else ""
        key = str(notification.group_key)
        self._pager.notify(receiver, alerts, key, text, firing=status == "firing")

    def _log_debts(self) -> None:
        """Log the debts that are owed or paid since the last scrape."""
        internals, now = self._internals, self._journal.now
        silences = internals.alertmanager.silences.values()
        in_force = sum(silence.starts <= now < silence.ends for silence in silences)
        snapshot = Snapshot(internals.world, internals.params, in_force, self._initial_replicas)
        for debt in self._debts:
            owed = debt.is_owed(snapshot)
            if owed != (debt.kind in self._owed):
                self._owed ^= {debt.kind}
                state = "owed" if owed else "paid"
                self._journal.write(DebtEvent(now, "world", debt.kind, state))
