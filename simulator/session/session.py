"""The tick, the inboxes and the queue of orders; the only writer of the log.

A tick from t to t + dt always does this, whatever the driver's steps:

1. orders submitted since the last tick start, by (actor, id); injects due at t start;
2. actions and calls that end by t, end;
3. the laws are folded, bent by the faults that bite, and the pipeline moves on;
4. at t + dt series are scraped, rules evaluated, notifications routed and pages delivered.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from simulator.actions import ACTIONS, Action, Site
from simulator.alerting.alertmanager import Notification
from simulator.calendar import Calendar, Process
from simulator.debts import Snapshot, by_rank
from simulator.director.conditions import Facts
from simulator.director.director import Director
from simulator.director.faults import ENDED_BY_FACT, ActiveFault
from simulator.director.injects import BoundInject
from simulator.oncall.desk import Desk
from simulator.pipeline.monitoring import MonitoringLaws
from simulator.pipeline.step import step
from simulator.promql import PromQLError, Result
from simulator.run import Log, Run
from simulator.run.events import (
    ActionEvent,
    AlertEvent,
    DebtEvent,
    EndedEvent,
    EndEvent,
    Event,
    InjectEvent,
    InterruptedEvent,
    LandedEvent,
    LineEvent,
    LookEvent,
    MessageEvent,
    MissedEvent,
    NotificationEvent,
    ObjectiveEvent,
    OrderEvent,
    PhaseEvent,
    RefusedEvent,
    ResponderEvent,
    StepEvent,
)
from simulator.run.seal import write_sealed
from simulator.session.door import Door, News, Observation, Order, OrderRejected
from simulator.session.internals import Internals
from simulator.session.live_director import LiveDirector, takes_place
from simulator.session.looks import lines_look, result_look
from simulator.session.make_header import make_header
from simulator.session.orders import Outcome, QueuedOrder, carry_out, check_order, validate
from simulator.session.plain_data import MAX_STEP_TEXT, cut, plain_text
from simulator.setting import Setting
from simulator.setting.bind_injects import TEAM_ROLES
from simulator.streams import Streams
from simulator.telemetry.log_lines import LogLine

DIRECTOR = "director"
# Counts of requests, summed over the drill and logged at its end.
REQUEST_COUNTS = ("arrived", "served", "shed", "timed_out", "failed", "scored", "correct")


class Session:
    """One run of a drill.

    Parameters
    ----------
    path : Path, optional
        The run's folder, which exists; without one the log is kept in memory only.
    responder : str
        The responder's name, for the header.
    twin : str
        Empty for the run itself; `no-fault` leaves every fault out, `without-ID` one of them.
    command : str
        The command that runs the drill again, for the header.

    Attributes
    ----------
    now, ends : int, ms
    plays : str
        The team that the responder plays.
    internals : Internals
        The simulated systems, for tests; players see them through their doors only.
    request_counts : Counter of str
        Requests so far, by outcome.
    """

    def __init__(
        self,
        setting: Setting,
        seed: int,
        path: Path | None = None,
        responder: str = "none",
        twin: str = "",
        command: str = "",
    ) -> None:
        scenario = setting.scenario
        self.setting, self.seed, self.path = setting, seed, path
        self.now, self.ends = 0, scenario.duration
        self.plays = scenario.plays
        self.internals = Internals.at_start(setting, seed)
        self._calendar = Calendar()
        self._desk = Desk(
            setting.oncall, self.plays, self._calendar, Streams(seed), self, setting.epoch_ms
        )
        self._inboxes: dict[str, list[News]] = {}
        self._order_counts = Counter[str]()  # by actor
        self._queue: list[QueuedOrder] = []
        # When the played team first completed each action, ms.
        self._completed: dict[str, int] = {}
        self._running: dict[tuple[str, int], str] = {}  # action by (actor, order)
        self.request_counts = Counter[str]()
        self._debts = by_rank()
        self._owed: set[str] = set()  # debts by name
        self._initial_replicas = self.internals.world.cluster.desired_replicas
        self._over = False
        injects = [inject for inject in setting.injects if takes_place(inject, twin)]
        self._director = Director(injects, scenario.warm_up)
        self._live_director = LiveDirector(
            setting, self._director, twin, self._log_message, self._end
        )
        self._end_reason = "duration"
        self.log = Log(path / "log.jsonl" if path else None)
        self.log.write(make_header(setting, seed, responder, twin, injects, command))

    # -- for the driver --------------------------------------------------------------

    def door(self, player: str) -> Door:
        """A player's door."""
        self._inboxes.setdefault(player, [])
        return Door(self, player)

    def advance(self, until: int) -> int:
        """Move on to `until`, ms, or to the first tick with news for a player.

        Returns
        -------
        int
            The time reached, ms. The drill is over when that is `ends`.
        """
        while self.now < min(until, self.ends):
            self._do_tick()
            if any(self._inboxes.values()):
                break
        if self.now >= self.ends and not self._over:
            self._over = True
            self._log_end()
        return self.now

    def interrupt(self, reason: str) -> None:
        """Log that the run was cut off here."""
        self.log_event(InterruptedEvent(self.now, "run", reason))

    def report_trouble(self, player: str, state: str, why: str) -> None:
        """Log that a player's responder has ended before the drill."""
        self.log_event(ResponderEvent(self.now, player, state, why))

    def finish(self) -> Run:
        """Write the series, seal the log and return the run."""
        times = np.array(self.internals.truth.times, np.int64)
        truth, arrays = self.internals.truth.arrays(), self.internals.store.arrays()
        if self.path is not None:
            write_sealed(self.log, self.path, arrays, times, truth)
        self.log.close()
        return Run(self.log.events, arrays, times, truth, self.log.digest, folder=self.path)

    def site(self, actor: str, order: int) -> Site:
        """Everything that an action ordered by `actor` can reach."""
        return Site(
            world=self.internals.world,
            params=self.internals.params,
            alertmanager=self.internals.alertmanager,
            oncall=self._desk,
            actor=actor,
            order=order,
            facilitator=actor == DIRECTOR,
            now=lambda: self._calendar.now,
            message=self._log_message,
            informable=(*self.setting.oncall.teams, *self.setting.oncall.inform),
            director=self._live_director,
        )

    def _end(self, reason: str) -> None:
        """End the drill with the tick of now."""
        tick = self.setting.scenario.tick
        self.ends = min(self.ends, (self._calendar.now // tick + 1) * tick)
        self._end_reason = reason

    # -- one tick --------------------------------------------------------------------

    def _do_tick(self) -> None:
        t, internals = self.now, self.internals
        world, faults = internals.world, internals.faults
        self._start_orders()
        self._start_due_injects(t)
        self._calendar.advance(t)
        params = self.setting.params.unbent()
        for fault in faults.end_due(world):
            self._log_missed(fault)
            reason = fault.ended or ENDED_BY_FACT
            self.log_event(EndedEvent(self.now, "world", fault.inject.id, reason))
        faults.bend(params, world)
        sample = step(world, params, self.setting.scenario.tick, internals.customers)
        self.now = world.now
        internals.collector.totals.add(sample)
        internals.truth.observe(sample)
        for name in REQUEST_COUNTS:
            self.request_counts[name] += getattr(sample, name)
        for part, level, text in sample.notes:
            self._log_line(self.now, part, level, text)
        self._log_landed(sample.hits)
        hits: dict[str, int] = {}
        if self.now % self.setting.scenario.scrape_interval == 0:
            hits = self._scrape(params.bends.monitoring)
        self._evaluate_alerts(params.bends.monitoring, hits)
        self._log_landed(hits)
        self._calendar.advance(self.now)

    def _start_orders(self) -> None:
        queue, self._queue = self._queue, []
        for queued in sorted(queue, key=lambda queued: (queued.actor, queued.id)):
            order, args = queued.order, dict(queued.order.args)
            self.log_event(
                OrderEvent(self.now, queued.actor, queued.id, order.kind, args, queued.simulated)
            )
            self._calendar.start(self._run_action(queued))

    def _run_action(self, queued: QueuedOrder) -> Process:
        """An action from start to end, logged at both."""
        kind, actor, number = queued.order.kind, queued.actor, queued.id
        self._running[actor, number] = kind
        self._log_action(actor, number, kind, Outcome("started", "", {}))
        outcome = yield from carry_out(queued.action, self.site(actor, number))
        del self._running[actor, number]
        self._log_action(actor, number, kind, outcome)
        if outcome.state == "done" and actor == self.plays:
            self._completed.setdefault(kind, self._calendar.now)
        self.deliver(actor, "result", {"order": number, "action": kind, **outcome._asdict()})

    def _start_due_injects(self, t: int) -> None:
        internals = self.internals
        onset = internals.faults.first_onset
        facts = Facts(t, internals.truth.breaches, self._completed, onset)
        cue = self._director.cue(facts)
        for phase in cue.phases:
            self.log_event(PhaseEvent(self.now, DIRECTOR, phase))
        for inject in cue.injects:
            self._start_inject(inject)

    def _start_inject(self, inject: BoundInject) -> None:
        self.log_event(
            InjectEvent(
                self.now, DIRECTOR, inject.id, inject.type, inject.name, inject.target,
                dict(inject.args),
            )
        )  # fmt: skip
        if inject.type == "fault":
            fault = self.internals.faults.start(inject, self.internals.world)
            # A fault that does not bite yet may wait for its build to be deployed.
            if fault.fault.applies(self.internals.world):
                self._log_missed(fault)
        elif inject.type == "message":
            self._log_message(inject.sender, inject.name, inject.text)
        else:
            action = ACTIONS.get(inject.name).model_validate(dict(inject.args))
            self._calendar.start(self._run_change(inject, action))

    def _run_change(self, inject: BoundInject, action: Action) -> Process:
        """An action of the organisation itself, ordered by the director."""
        outcome = yield from carry_out(action, self.site(DIRECTOR, 0))
        failed = outcome.state == "failed"
        text = f"{inject.name} failed: {outcome.note}" if failed else outcome.note
        self._log_line(self._calendar.now, "deploy", "INFO", text)

    def _scrape(self, laws: MonitoringLaws) -> dict[str, int]:
        """Run the monitors and scrape; log changes of objectives and debts.

        Returns the units of work on which each fault bit.
        """
        internals, world, params = self.internals, self.internals.world, self.internals.params
        internals.monitors.run(world, params)
        hits = internals.collector.scrape(self.now, world, params, internals.monitors, laws)
        for name, holds, value in internals.truth.close_interval(self.now, world):
            state = "held" if holds else "breached"
            self.log_event(ObjectiveEvent(self.now, "world", name, state, value))
        self._log_debts()
        return hits

    def _log_debts(self) -> None:
        """Log the debts that are owed or paid since the last scrape."""
        internals, silences = self.internals, self.internals.alertmanager.silences.values()
        in_force = sum(silence.starts <= self.now < silence.ends for silence in silences)
        snapshot = Snapshot(internals.world, internals.params, in_force, self._initial_replicas)
        for debt in self._debts:
            owed = debt.is_owed(snapshot)
            if owed != (debt.kind in self._owed):
                self._owed ^= {debt.kind}
                state = "owed" if owed else "paid"
                self.log_event(DebtEvent(self.now, "world", debt.kind, state))

    def _evaluate_alerts(self, laws: MonitoringLaws, hits: dict[str, int]) -> None:
        """Evaluate the rules and let Alertmanager notify, as far as the laws let them."""
        for change in self.internals.chain.evaluate(self.now, laws, hits):
            labels, annotations = dict(change.labels), dict(change.annotations)
            self.log_event(
                AlertEvent(
                    self.now, "prometheus", change.alert, change.state, labels, change.value,
                    annotations,
                )
            )  # fmt: skip
        for attempt in self.internals.chain.notify(self.now, laws, hits):
            if attempt.log_line:
                self._log_line(self.now, "alertmanager", *attempt.log_line)
            if attempt.delivered:
                self._notify(attempt.notification)

    def _notify(self, notification: Notification) -> None:
        alerts = [dict(alert.labels) for alert in notification.alerts]
        receiver, labels = notification.receiver, dict(notification.group_labels)
        self.log_event(
            NotificationEvent(
                self.now, receiver, receiver, notification.status, labels, tuple(alerts)
            )
        )
        names = tuple(dict.fromkeys(alert.get("alertname", "") for alert in alerts))
        annotations = [dict(alert.annotations) for alert in notification.alerts]
        text = annotations[0].get("summary", "") if annotations else ""
        firing, group = notification.status == "firing", str(notification.group_key)
        self._desk.notify(notification.receiver, names, group, text, firing)

    # -- the log ---------------------------------------------------------------------

    def _log_action(self, actor: str, number: int, kind: str, outcome: Outcome) -> None:
        self.log_event(
            ActionEvent(
                self.now, actor, number, kind, outcome.state, outcome.note, dict(outcome.result)
            )
        )

    def _log_landed(self, hits: Mapping[str, int]) -> None:
        for fault, units in self.internals.faults.land(hits):
            inject = fault.inject
            self.log_event(LandedEvent(self.now, "world", inject.id, inject.name, units))

    def _log_missed(self, fault: ActiveFault) -> None:
        if why := fault.newly_missing(self.internals.world):
            inject = fault.inject
            self.log_event(MissedEvent(self.now, "world", inject.id, inject.name, why))

    def _log_line(self, t: int, part: str, level: str, text: str) -> None:
        """Add a line to a system's own log."""
        self.internals.lines.add(LogLine(t, part, level, text))
        self.log_event(LineEvent(self.now, part, level, text))

    def _log_message(self, sender: str, to: str, text: str) -> None:
        """Log a message and deliver it."""
        self.log_event(MessageEvent(self.now, sender, to, text))
        recipient = self.plays if to in TEAM_ROLES else to
        self.deliver(recipient, "message", {"from": sender, "text": text})

    def _log_end(self) -> None:
        for (actor, number), kind in self._running.items():
            outcome = Outcome("unknown", "the drill ended before it did", {})
            self._log_action(actor, number, kind, outcome)
        for fault in self.internals.faults.active:
            if not fault.ended:
                self._log_missed(fault)
        # Counts are the same on any processor; with them the digest covers every customer.
        self.log_event(PhaseEvent(self.now, DIRECTOR, "end", dict(self.request_counts)))
        self.log_event(EndEvent(self.now, DIRECTOR, self._end_reason))

    # -- for the desk (`oncall.desk.DeskHost`) ---------------------------------------

    def log_event(self, event: Event) -> None:
        """Log an event of now."""
        self.log.write(event)

    def deliver(self, team: str, kind: str, data: Mapping[str, Any]) -> None:
        """Put news into a player's inbox; teams without a door have none."""
        if team in self._inboxes:
            self._inboxes[team].append(News(self._calendar.now, kind, data))

    def order(self, team: str, kind: str, args: Mapping[str, Any]) -> None:
        """Submit a simulated team's order."""
        self._enqueue(team, Order(kind, args), simulated=True)

    def faulty(self, targets: tuple[str, ...]) -> list[str]:
        """The targets that a fault affects now."""
        return self.internals.faults.faulty(targets)

    # -- for doors (`session.door.DoorHost`) -----------------------------------------

    def has_news(self, player: str) -> bool:
        """Whether a player's inbox holds news."""
        return bool(self._inboxes[player])

    def take_news(self, player: str) -> Observation:
        """Empty a player's inbox."""
        news, self._inboxes[player] = tuple(self._inboxes[player]), []
        return Observation(self.now, self.ends, news)

    def query(self, player: str, expr: str) -> Result:
        """Evaluate PromQL now and log the query, with its answer, as a player's look."""
        try:
            text = plain_text(expr)
        except ValueError as error:
            self._log_failed_look(player, cut(expr), error)
            raise PromQLError(str(error)) from None
        try:
            result = self.internals.engine.query(text, self.now)
        except ValueError as error:
            self._log_failed_look(player, cut(expr), error)
            raise
        self.log_event(result_look(self.now, player, cut(expr), result))
        return result

    def search(self, player: str, pattern: str, since: int) -> list[LogLine]:
        """Search the systems' log lines and log the search, with its answer, as a look."""
        expr = f"log: {cut(pattern)}"
        try:
            lines = self.internals.lines.search(plain_text(pattern), since, self.now)
        except ValueError as error:
            self._log_failed_look(player, expr, error)
            raise
        self.log_event(lines_look(self.now, player, expr, lines))
        return lines

    def _log_failed_look(self, player: str, expr: str, error: ValueError) -> None:
        """A look without an answer is evidence too."""
        self.log_event(LookEvent(self.now, player, expr, error=cut(str(error))))

    def submit(self, player: str, order: Order) -> int:
        """Queue a player's order; return its number."""
        return self._enqueue(player, order, simulated=False)

    def log_step(
        self, player: str, playbook: str, path: str, verb: str, state: str, why: str,
        name: str, by: str,
    ) -> None:  # fmt: skip
        """Log a step of a player's playbook; its texts are cut."""
        texts = [cut(text, MAX_STEP_TEXT) for text in (playbook, path, verb, state, why, name, by)]
        self.log_event(StepEvent(self.now, player, *texts))

    def _enqueue(self, actor: str, order: Order, simulated: bool) -> int:
        if self._over:
            raise OrderRejected("the drill is over")
        number = self._order_counts[actor] + 1
        try:
            logged_order, action = validate(order)
            check_order(action, self.site(actor, number))
        except OrderRejected as error:
            kind = cut(getattr(order, "kind", order), 80)
            self.log_event(RefusedEvent(self.now, actor, kind, cut(str(error))))
            raise
        self._order_counts[actor] = number
        self._queue.append(QueuedOrder(actor, number, logged_order, action, simulated))
        return number
