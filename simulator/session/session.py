"""The tick, the inboxes, the queue of orders: the only door, the only writer of the log.

A tick from t to t + dt does this, whoever drives and however far:

1. orders submitted since the last tick begin, by (who, id); injects of t set in;
2. what takes time and is over by t, ends;
3. the laws are folded, bent by the faults that bite, and the pipeline moves on;
4. at t + dt what falls due is scraped, evaluated, routed and delivered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from simulator.actions import ACTIONS, Action, Site
from simulator.alerting.alertmanager import Alertmanager, Notification
from simulator.alerting.chain import Chain
from simulator.alerting.rules import RuleEvaluator
from simulator.calendar import Calendar, Thing
from simulator.exercise import debts
from simulator.exercise.injects import ENDED_BY_FACT, Active, Faults, Inject
from simulator.oncall.desk import Desk
from simulator.pipeline.monitoring import Watching
from simulator.pipeline.step import step
from simulator.pipeline.traffic.customers import Customers
from simulator.promql import Engine, Result
from simulator.run import NO_FAULT, Log, Run, leave_one_out_name, write_series
from simulator.session.door import Door, News, Observation, Order, OrderRejected
from simulator.session.header import header
from simulator.session.orders import Outcome, Queued, carry_out, understand
from simulator.setting import Setting
from simulator.setting.bind_injects import EVENTS, ROLES
from simulator.streams import Streams
from simulator.telemetry.log_lines import LogLine, LogLines

DIRECTOR = "director"
# What became of requests, summed up at the end.
TALLY = ("arrived", "served", "shed", "timed_out", "failed", "scored", "correct")


class Session:
    """One run of a drill.

    Parameters
    ----------
    setting : Setting
    seed : int
    path : Path, optional
        The run's folder, made already; without one the log is kept in memory only.
    responder : str
        What answers, for the header.
    twin : str
        Empty for the run itself; `no-fault` leaves every fault out, `without-ID` one of them.
    """

    def __init__(
        self,
        setting: Setting,
        seed: int,
        path: Path | None = None,
        responder: str = "none",
        twin: str = "",
    ) -> None:
        scenario = setting.scenario
        self.setting, self.seed, self.path = setting, seed, path
        self.now, self.ends = 0, scenario.duration
        self.plays = scenario.plays
        self._tick, self._scrape = scenario.tick, scenario.scrape_interval
        self._world = setting.world.clone()
        self._store = setting.collector.store.copy()
        self._collector = setting.collector.fork(self._store, seed)
        self._monitors = setting.monitors.copy()
        self._params = setting.params.unbent()
        self._customers = Customers(Streams(seed))
        self._calendar = Calendar()
        self._engine = Engine(
            self._store, dialect=scenario.alerting.prometheus, epoch=setting.epoch_ms
        )
        alerting = scenario.alerting
        self._alertmanager = Alertmanager(
            setting.alertmanager, setting.epoch_ms, alerting.alertmanager_version
        )
        self._chain = Chain(
            RuleEvaluator(
                setting.groups,
                self._engine,
                alerting.external_labels,
                alerting.evaluation_interval,
            ),
            self._alertmanager,
            self._collector.totals.watching,
            seed,
        )
        self._desk = Desk(
            setting.oncall, self.plays, self._calendar, Streams(seed), self, setting.epoch_ms
        )
        self._faults = Faults()
        self._truth = setting.truth()
        self._lines = LogLines()
        self._inboxes: dict[str, list[News]] = {}
        self._orders: dict[str, int] = {}  # given so far, a player each
        self._queue: list[Queued] = []
        self._done: set[str] = set()  # actions that the played team has done
        self._under_way: dict[tuple[str, int], str] = {}  # orders begun and not ended
        self._tally = Counter[str]()
        self._owed: dict[str, bool] = {}
        self._replicas = self._world.cluster.wanted
        self._ended = False
        self._pending = [
            inject
            for inject in setting.injects
            if not (inject.fault and twin in (NO_FAULT, leave_one_out_name(inject.id)))
        ]
        self._phases = self._plan()
        self.log = Log(path / "log.jsonl" if path else None)
        self.log.write(0, "header", "run", **header(setting, seed, responder, twin, self._pending))

    # -- the driver ------------------------------------------------------------------

    def door(self, who: str) -> Door:
        """A player's door."""
        self._inboxes.setdefault(who, [])
        return Door(self, who)

    def advance(self, until: int) -> int:
        """Move on to `until`, ms, or to the first tick with news for a player.

        Returns
        -------
        int
            Where time stands now. The drill is over when that is `ends`.
        """
        until = min(until, self.ends)
        while self.now < until:
            self._one_tick()
            if any(self._inboxes.values()):
                break
        if self.now >= self.ends and not self._ended:
            self._ended = True
            for (who, number), kind in self._under_way.items():
                outcome = Outcome("unknown", "the drill ended before it did", {})
                self._tell_action(who, number, kind, outcome)
            for fault in self._faults.active:
                if not fault.ended:
                    self._missed(fault)
            # Counts are the same on any processor; with them the digest covers every customer.
            self.note("phase", DIRECTOR, name="end", **self._tally)
            self.note("end", DIRECTOR, reason="duration")
        return self.now

    def interrupt(self, reason: str) -> None:
        """Say in the log that the run was cut off here."""
        self.note("interrupted", "run", reason=reason)

    def finish(self) -> Run:
        """Write what is left to write, and give the run to read."""
        times = np.array(self._truth.times, np.int64)
        truth, arrays = self._truth.arrays(), self._store.arrays()
        if self.path is not None:
            write_series(self.path, arrays, times, truth)
        self.log.close()
        return Run(self.log.events, arrays, times, truth, self.log.digest, folder=self.path)

    # -- one tick --------------------------------------------------------------------

    def _one_tick(self) -> None:
        t = self.now
        self._begin_orders()
        self._set_in(t)
        self._calendar.advance(t)
        params = self.setting.params.unbent()
        for ended in self._faults.end_due(self._world):
            self._missed(ended)
            self.note("ended", "world", fault=ended.inject.id, why=ended.ended or ENDED_BY_FACT)
        self._faults.bend(params, self._world)
        sample = step(self._world, params, self._tick, self._customers)
        self.now = self._world.now
        self._collector.totals.add(sample)
        self._truth.observe(sample)
        for name in TALLY:
            self._tally[name] += getattr(sample, name)
        for part, level, text in sample.notes:
            self._say(self.now, part, level, text)
        self._landed(sample.hits)
        hits: dict[str, int] = {}
        if self.now % self._scrape == 0:
            hits = self._measure(params.bends.monitoring)
        self._alert(params.bends.monitoring, hits)
        self._landed(hits)
        self._calendar.advance(self.now)

    def _begin_orders(self) -> None:
        queue, self._queue = self._queue, []
        for one in sorted(queue, key=lambda queued: (queued.who, queued.id)):
            self.note(
                "order",
                one.who,
                id=one.id,
                action=one.order.kind,
                args=one.order.args,
                simulated=one.simulated,
            )
            self._calendar.begin(self._act(one))

    def _act(self, one: Queued) -> Thing:
        """An action from its start to its end, as the log tells it."""
        kind, who = one.order.kind, one.who
        self._under_way[who, one.id] = kind
        self._tell_action(who, one.id, kind, Outcome("started", "", {}))
        outcome = yield from carry_out(one.action, self._site(who, one.id))
        del self._under_way[who, one.id]
        self._tell_action(who, one.id, kind, outcome)
        if outcome.state == "done" and who == self.plays:
            self._done.add(kind)
        self.tell(who, "result", {"order": one.id, "action": kind, **outcome._asdict()})

    def _tell_action(self, who: str, number: int, kind: str, outcome: Outcome) -> None:
        self.note("action", who, order=number, action=kind, **outcome._asdict())

    def _site(self, who: str, order: int) -> Site:
        return Site(
            world=self._world,
            params=self._params,
            alertmanager=self._alertmanager,
            oncall=self._desk,
            who=who,
            order=order,
            facilitator=who == DIRECTOR,
            now=lambda: self._calendar.now,
            message=self._message,
            informable=(*self.setting.oncall.teams, *self.setting.oncall.inform),
        )

    def _set_in(self, t: int) -> None:
        while self._phases and self._phases[0][0] <= t:
            self.note("phase", DIRECTOR, name=self._phases.pop(0)[1])
        due = [inject for inject in self._pending if inject.at <= t]
        if not due:
            return
        self._pending = [inject for inject in self._pending if inject.at > t]
        for inject in due:
            self._inject(inject)

    def _inject(self, inject: Inject) -> None:
        if inject.unless and EVENTS[inject.unless] in self._done:
            return
        self.note(
            "inject",
            DIRECTOR,
            id=inject.id,
            type=inject.type,
            name=inject.name,
            target=inject.target,
            args=inject.args,
        )
        if inject.type == "fault":
            begun = self._faults.begin(inject, self._world)
            # One that does not bite yet waits for its build to be deployed, say.
            if begun.fault.bites(self._world):
                self._missed(begun)
        elif inject.type == "message":
            self._message(inject.sender, inject.name, inject.text)
        else:
            action = ACTIONS.get(inject.name).model_validate(dict(inject.args))
            self._calendar.begin(self._change(inject, action))

    def _change(self, inject: Inject, action: Action) -> Thing:
        """An action that the organisation takes itself: logged as the director's."""
        outcome = yield from carry_out(action, self._site(DIRECTOR, 0))
        failed = outcome.state == "failed"
        text = f"{inject.name} failed: {outcome.note}" if failed else outcome.note
        self._say(self._calendar.now, "deploy", "INFO", text)

    def _landed(self, hits: Mapping[str, int]) -> None:
        for one, units in self._faults.landed(hits):
            self.note("landed", "world", fault=one.inject.id, name=one.inject.name, units=units)

    def _missed(self, one: Active) -> None:
        if why := one.missed(self._world):
            self.note("missed", "world", fault=one.inject.id, name=one.inject.name, why=why)

    def _measure(self, laws: Watching) -> dict[str, int]:
        self._monitors.run(self._world, self._params)
        hits = self._collector.scrape(self.now, self._world, self._params, self._monitors, laws)
        for name, holds, value in self._truth.look(self.now, self._world):
            self.note(
                "objective", "world", name=name, state="held" if holds else "breached", value=value
            )
        silences = self._alertmanager.silences.values()
        silent = sum(silence.starts <= self.now < silence.ends for silence in silences)
        owed = debts.owed(self._world, self._params, silent, self._replicas)
        for name, owes in owed.items():
            if owes != self._owed.get(name, False):
                self.note("debt", "world", name=name, state="owed" if owes else "paid")
        self._owed = owed
        return hits

    def _alert(self, laws: Watching, hits: dict[str, int]) -> None:
        """Rules are evaluated and Alertmanager goes on, as far as they can."""
        for change in self._chain.evaluate(self.now, laws, hits):
            self.note(
                "alert",
                "prometheus",
                alert=change.alert,
                labels=dict(change.labels),
                state=change.state,
                value=change.value,
                annotations=dict(change.annotations),
            )
        for attempt in self._chain.notify(self.now, laws, hits):
            if attempt.said:
                self._say(self.now, "alertmanager", *attempt.said)
            if attempt.arrived:
                self._notify(attempt.notification)

    def _notify(self, sent: Notification) -> None:
        alerts = [dict(alert.labels) for alert in sent.alerts]
        self.note(
            "notification",
            sent.receiver,
            receiver=sent.receiver,
            status=sent.status,
            group=dict(sent.group_labels),
            alerts=alerts,
        )
        names = tuple(dict.fromkeys(alert.get("alertname", "") for alert in alerts))
        text = next((dict(alert.annotations).get("summary", "") for alert in sent.alerts), "")
        self._desk.notify(sent.receiver, names, str(sent.group_key), text, sent.status == "firing")

    def _say(self, t: int, part: str, level: str, text: str) -> None:
        """A line of a system's own log."""
        self._lines.add(LogLine(t, part, level, text))
        self.note("line", part, level=level, text=text)

    # -- what the desk asks of its office ---------------------------------------------

    def note(self, kind: str, who: str, /, **data: Any) -> None:
        """Log an event of now."""
        self.log.write(max(self.now, self._calendar.now), kind, who, **data)

    def tell(self, team: str, kind: str, data: Mapping[str, Any]) -> None:
        """Put news into a player's inbox; people without a door are told in the log only."""
        if team in self._inboxes:
            self._inboxes[team].append(News(self._calendar.now, kind, data))

    def order(self, who: str, kind: str, args: Mapping[str, Any]) -> None:
        """Submit a simulated team's order."""
        self._submit(who, Order(kind, args), simulated=True)

    def ailing(self, owned: tuple[str, ...]) -> list[str]:
        """Which of a team's own things are off."""
        return self._faults.biting_on(owned)

    def _message(self, sender: str, to: str, text: str) -> None:
        self.note("message", sender, to=to, text=text)
        self.tell(self.plays if to in ROLES else to, "message", {"from": sender, "text": text})

    # -- what a door asks --------------------------------------------------------------

    def _seen(self, who: str) -> Observation:
        news, self._inboxes[who] = tuple(self._inboxes[who]), []
        return Observation(self.now, self.ends, news)

    def _query(self, who: str, expr: str) -> Result:
        with self._looking(who, expr):
            return self._engine.query(expr, self.now)

    def _search(self, who: str, pattern: str, since: int) -> list[LogLine]:
        with self._looking(who, f"log: {pattern}"):
            return self._lines.search(pattern, since, self.now)

    @contextmanager
    def _looking(self, who: str, expr: str) -> Iterator[None]:
        """Looking is evidence, and so is that it gave no answer."""
        said = {}
        try:
            yield
        except ValueError as error:
            said["error"] = str(error)
            raise
        finally:
            self.note("look", who, expr=str(expr), **said)

    def _submit(self, who: str, order: Order, simulated: bool = False) -> int:
        if self._ended:
            raise OrderRejected("the drill is over")
        try:
            understood, action = understand(order)
        except OrderRejected as error:
            self.note("refused", who, action=str(getattr(order, "kind", order)), why=str(error))
            raise
        number = self._orders[who] = self._orders.get(who, 0) + 1
        self._queue.append(Queued(who, number, understood, action, simulated))
        return number

    def _plan(self) -> list[tuple[int, str]]:
        warm = self.setting.scenario.warm_up
        onsets = [inject.at for inject in self._pending if inject.fault]
        plan = [
            (0, "warm-up"),
            (warm, "baseline"),
            (max(warm, min(onsets, default=warm)), "injects"),
        ]
        return plan if onsets else plan[:2]
