"""The simulated systems of one run, behind the doors."""

from dataclasses import dataclass
from typing import Self

from simulator.alerting.alertmanager import Alertmanager
from simulator.alerting.chain import Chain
from simulator.alerting.rule_evaluator import RuleEvaluator
from simulator.director.faults import Faults
from simulator.director.objectives import TrueObjectives
from simulator.monitors import MonitorRunner
from simulator.pipeline.laws import Params
from simulator.pipeline.traffic.customers import Customers
from simulator.pipeline.world import World
from simulator.promql import Engine
from simulator.setting import Setting
from simulator.streams import Streams
from simulator.telemetry.collector import Collector
from simulator.telemetry.log_lines import LogLines
from simulator.telemetry.store import SeriesStore


@dataclass
class Internals:
    """The simulated systems of one run, for the session and for tests; players have doors."""

    world: World
    params: Params  # the unbent laws
    customers: Customers
    store: SeriesStore
    collector: Collector
    monitors: MonitorRunner
    engine: Engine
    chain: Chain
    faults: Faults
    truth: TrueObjectives
    lines: LogLines

    @property
    def alertmanager(self) -> Alertmanager:
        """The Alertmanager of the chain."""
        return self.chain.alertmanager

    @classmethod
    def at_start(cls, setting: Setting, seed: int) -> Self:
        """Copies of the setting's systems as they stand at time 0."""
        alerting, epoch = setting.scenario.alerting, setting.epoch_ms
        store = setting.collector.store.copy()
        collector = setting.collector.fork(store, seed)
        engine = Engine(store, dialect=alerting.prometheus, epoch=epoch)
        rules = RuleEvaluator(
            setting.groups, engine, alerting.external_labels, alerting.evaluation_interval
        )
        alertmanager = Alertmanager(setting.alertmanager, epoch, alerting.alertmanager_version)
        return cls(
            world=setting.world.clone(),
            params=setting.params.unbent(),
            customers=Customers(Streams(seed)),
            store=store,
            collector=collector,
            monitors=setting.monitors.copy(),
            engine=engine,
            chain=Chain(
                rules, alertmanager, collector.totals.meta_monitoring, collector.links, seed
            ),
            faults=Faults(),
            truth=setting.truth(),
            lines=LogLines(),
        )
