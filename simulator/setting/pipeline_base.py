"""The base of a setting: the fitted pipeline after its history, which drills of it share.

It is three quarters of the time of loading a scenario, and the same for every drill of the same
pipeline, data, monitors and start on the calendar.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from simulator.monitors import MonitorRunner
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.run.program import program_digest
from simulator.scenario import Scenario
from simulator.setting import history
from simulator.setting.bound_scenario import BoundScenario
from simulator.setting.initial_world import make_world
from simulator.setting.laws import make_params
from simulator.setting.model_versions import fit_model
from simulator.setting.scrape_targets import make_exporters, monitor_runner
from simulator.telemetry.collector import Collector
from simulator.telemetry.store import SeriesStore


@dataclass(frozen=True, eq=False)
class PipelineBase:
    """A pipeline at time 0: nothing of it is ever changed, sessions clone it.

    Attributes
    ----------
    params : Params
        The laws without faults.
    world : World
    monitors : MonitorRunner
    collector : Collector
        Counters and series of the history.
    """

    params: Params
    world: World
    monitors: MonitorRunner
    collector: Collector


def make_base(scenario: Scenario, bound: BoundScenario) -> PipelineBase:
    """Fit the model and simulate the history."""
    pipeline = bound.pipeline
    start_ms_of_day = int(
        (scenario.starts_at.hour * 60 + scenario.starts_at.minute) * 60_000
        + scenario.starts_at.second * 1000
    )
    start = history.start(scenario.history)
    versions, pool = fit_model(pipeline, bound.dataset, bound.released_versions)
    params = make_params(pipeline, pool, start_ms_of_day, scenario.starts_at)
    world = make_world(pipeline, params, versions, start, bound.monitors)
    monitors = monitor_runner(pipeline, bound.monitors, bound.dataset, start)
    store = SeriesStore()
    world.revision |= dict.fromkeys(bound.monitoring, 1)
    collector = Collector(make_exporters(pipeline, monitors, bound.integrations), store)
    history.simulate(world, params, monitors, collector)
    return PipelineBase(params, world, monitors, collector)


def base_key(scenario: Scenario, bound: BoundScenario) -> str:
    """A hash of all that `make_base` reads, and of the program: 32 hex digits."""
    parts: dict[str, Any] = {
        "program": program_digest(),
        "pipeline": bound.pipeline.model_dump(mode="json", by_alias=True),
        "monitors": [(type(m).__module__, m.model_dump(mode="json")) for m in bound.monitors],
        "monitoring": bound.monitoring,
        "integrations": bound.integrations,
        "versions": bound.released_versions,
        "history": scenario.history,
        "starts_at": scenario.starts_at.isoformat(),
    }
    total = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode())
    # Rows of a shipped data set follow from its name and the library that brings it.
    if bound.pipeline.data.is_file:
        dataset = bound.dataset
        total.update(repr(dataset.columns).encode())
        for array in (dataset.rows, dataset.label, dataset.day, dataset.hour, dataset.lag_ms):
            total.update(array.tobytes())
        if dataset.entity is not None:
            total.update(dataset.entity.tobytes())
    return total.hexdigest()[:32]
