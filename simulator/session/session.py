"""One run of a drill: its tick, and the parts that take part in it.

A tick from t to t + dt always does this, whatever the driver's steps:

1. orders submitted since the last tick, and those that waited for hands, start by (who, id);
   injects due at t start;
2. actions and calls that end by t, end;
3. the laws are folded, bent by the faults that bite, and the pipeline moves on;
4. at t + dt series are scraped, rules evaluated, notifications routed and pages delivered, and
   readers ask for updates that are overdue.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from simulator.calendar import Calendar
from simulator.director.director import Director
from simulator.oncall.command.incident_command import IncidentCommand
from simulator.oncall.command.rights import Rights
from simulator.oncall.command.updates import UpdateReminders
from simulator.oncall.paging.dice import Dice
from simulator.oncall.paging.pager import Pager
from simulator.pipeline.step import step
from simulator.run import Log, Player, Run
from simulator.run.events import (
    EndEvent,
    InterruptedEvent,
    PhaseEvent,
    ResponderEvent,
)
from simulator.run.folder import refuse_run
from simulator.run.player import DIRECTOR
from simulator.run.seal import write_sealed
from simulator.session.door import Door
from simulator.session.door_host import RunBehindDoors
from simulator.session.evaluation import Evaluation
from simulator.session.inboxes import Inboxes
from simulator.session.inject_runner import InjectRunner
from simulator.session.internals import Internals
from simulator.session.journal import Journal
from simulator.session.live_director import LiveDirector, takes_place
from simulator.session.looks import Looks
from simulator.session.make_header import make_header
from simulator.session.order_queue import OmittedOrders, OrderQueue
from simulator.session.pager_host import RunBehindPager
from simulator.session.plain_data import cut
from simulator.session.roster import Roster
from simulator.session.sites import Sites
from simulator.setting import Setting
from simulator.streams import Streams

# Counts of requests, summed over the drill and logged at its end.
REQUEST_COUNTS = ("arrived", "served", "shed", "timed_out", "failed", "scored", "correct")


class Session:
    """One run of a drill.

    Parameters
    ----------
    path : Path, optional
        The run's folder, which exists; without one the log is kept in memory only.
    players : sequence of Player, optional
        By default one person, named as the team that the scenario plays; none for nobody.
    responder : str
        The name of what answers, for the header.
    twin : str
        Empty for the run itself; `no-fault` leaves every fault out, `without-ID` one of them.
    omitted : frozenset of (str, int)
        Orders, by player and number, that take their player's hands and do nothing.
    reference, command : bool and str
        Whether the reference playbook answers, and the command that runs the drill again: for the
        header.

    Attributes
    ----------
    roster : Roster
        The players.
    internals : Internals
        The simulated systems, for tests; players see them through their doors only.
    request_counts : Counter of str
        Requests so far, by outcome.

    Raises
    ------
    PlayerError
        If the players cannot play together.
    RunError
        If the folder contains a run.
    """

    def __init__(
        self,
        setting: Setting,
        seed: int,
        path: Path | None = None,
        *,
        players: Sequence[Player] | None = None,
        responder: str = "none",
        twin: str = "",
        omitted: OmittedOrders = frozenset(),
        reference: bool = False,
        command: str = "",
    ) -> None:
        scenario, self.plays = setting.scenario, setting.scenario.plays
        if players is None:
            players = [Player(self.plays, self.plays)]
        self.setting, self.seed, self.path = setting, seed, path
        self.roster = Roster(players, setting.oncall.teams, self.plays)
        self.internals = internals = Internals.at_start(setting, seed)
        self.request_counts = Counter[str]()
        self._calendar = Calendar()
        if path is not None:
            refuse_run(path)
        self.log = Log(path / "log.jsonl" if path else None)
        self._journal = Journal(self.log, internals.lines, scenario.duration)
        self._inboxes = Inboxes(self.roster, self._calendar, self._journal)
        agreed = IncidentCommand()
        rights = Rights(setting.organisation, agreed)
        people = RunBehindPager(self.roster, internals, self._journal, self._inboxes, rights)
        dice = Dice(Streams(seed), scenario.name)
        pager = Pager(setting.organisation, self._calendar, dice, people, setting.epoch_ms)
        injects = [inject for inject in setting.injects if takes_place(inject, twin)]
        director = Director(injects, scenario.warm_up)
        live = LiveDirector(setting, director, twin, self._inboxes, self._journal)
        sites = Sites(
            setting, self.roster, internals, self._calendar, self._inboxes, pager, agreed, rights,
            live,
        )  # fmt: skip
        self.site = sites.of
        self._orders = OrderQueue(
            self.roster, self._calendar, self._journal, self._inboxes, sites.of, setting.graph,
            people.orders, people.targets, omitted,
        )  # fmt: skip
        self._injects = InjectRunner(
            director, internals, self._calendar, self._journal, self._inboxes, sites
        )
        self._evaluation = Evaluation(internals, self._journal, pager)
        self._reminders = UpdateReminders(setting.organisation, agreed, people, self.plays)
        self._behind_doors = RunBehindDoors(
            self._journal, self._inboxes, Looks(internals, self._journal), self._orders
        )
        header = make_header(setting, seed, players, responder, twin, injects, reference, command)
        self.log.write(header)

    # -- for the driver --------------------------------------------------------------

    @property
    def now(self) -> int:
        """The simulated time, ms."""
        return self._journal.now

    @property
    def ends(self) -> int:
        """The end of the drill, ms."""
        return self._journal.ends

    def door(self, name: str) -> Door:
        """The door of a player.

        Raises
        ------
        PlayerError
            If there is no player of that name.
        """
        return Door(self._behind_doors, self.roster.player(name).name)

    def advance(self, until: int) -> int:
        """Move on to `until`, ms, or to the first tick with news for a player.

        Returns
        -------
        int
            The time reached, ms. The drill is over when that is `ends`.
        """
        while self.now < min(until, self.ends):
            self._do_tick()
            if self._inboxes.has_news():
                break
        if self.now >= self.ends and not self._journal.over:
            self._log_end()
            self._journal.over = True
        return self.now

    def report_trouble(self, player: str, state: str, why: str) -> None:
        """Log that a player's responder failed."""
        self._journal.write(ResponderEvent(self.now, player, state, cut(why)))

    def interrupt(self, reason: str) -> None:
        """Log that the run was cut off here."""
        self._journal.write(InterruptedEvent(self.now, "run", reason))

    def finish(self) -> Run:
        """Write the series, seal the log and return the run."""
        times = np.array(self.internals.truth.times, np.int64)
        truth, arrays = self.internals.truth.arrays(), self.internals.store.arrays()
        if self.path is not None:
            write_sealed(self.log, self.path, arrays, times, truth)
        self.log.close()
        self._calendar.close()
        self._orders.close()
        return Run(self.log.events, arrays, times, truth, self.log.digest, folder=self.path)

    # -- one tick --------------------------------------------------------------------

    def _do_tick(self) -> None:
        t, internals, scenario = self.now, self.internals, self.setting.scenario
        self._orders.start_due()
        self._injects.start_due(t, self._orders.completed)
        self._calendar.advance(t)
        params = self.setting.params.unbent()
        self._injects.end_due()
        internals.faults.bend(params, internals.world)
        sample = step(internals.world, params, scenario.tick, internals.customers)
        self._journal.now = internals.world.now
        internals.collector.totals.add(sample)
        internals.truth.observe(sample)
        for name in REQUEST_COUNTS:
            self.request_counts[name] += getattr(sample, name)
        if len(sample.answered):
            self.request_counts["answered_by_gateway"] += len(sample.answered)
        for note in sample.notes:
            self._journal.line(*note)
        self._injects.land(sample.hits)
        hits: dict[str, int] = {}
        if self.now % scenario.scrape_interval == 0:
            hits = self._evaluation.scrape(params.bends.monitoring)
        self._evaluation.evaluate_alerts(params.bends.monitoring, hits)
        self._injects.land(hits)
        self._calendar.advance(self.now)
        self._reminders.ask_if_due()

    def _log_end(self) -> None:
        self._orders.end()
        self._injects.end()
        # Counts are the same on any processor; with them the digest covers every customer.
        counts = dict(self.request_counts)
        self._journal.write(PhaseEvent(self.now, DIRECTOR, "end", counts))
        self._journal.write(EndEvent(self.now, DIRECTOR, self._journal.end_reason))
