"""Scenario -> Setting: names bound to parts, data loaded, model fitted, history simulated.

The slow work is done once: twins, seeds and replays share the setting, which never changes.
All errors of a scenario and of its files are reported at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from simulator.actions import ACTIONS
from simulator.alerting.alertmanager import AlertmanagerConfig
from simulator.alerting.rulefile import RuleGroup
from simulator.datasets.dataset import Dataset
from simulator.director.injects import BoundInject
from simulator.director.needs import derive_needs
from simulator.director.objectives import Limit, TrueObjectives
from simulator.faults import FAULTS
from simulator.monitors import MonitorRunner
from simulator.oncall.organisation import Organisation
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.run.need import Need
from simulator.scenario import OnCall, Pipeline, Playbook, Rubric, Scenario, argument_complaints
from simulator.setting.base_cache import cached_base
from simulator.setting.bind import bind_names
from simulator.setting.bind_live_inject import bind_live_inject
from simulator.setting.bound_scenario import BoundScenario
from simulator.setting.component_graph import ComponentGraph
from simulator.setting.pipeline_base import base_key, make_base
from simulator.source import Complaints, Document, locate_file, override, validate
from simulator.source import load as read
from simulator.source.extends import inline_file
from simulator.telemetry.collector import Collector


@dataclass(frozen=True, eq=False)
class Setting:
    """A scenario bound to its parts; immutable, shared by all its runs.

    Attributes
    ----------
    injects : tuple of BoundInject
        Each with its fault, if it has one.
    params : Params
        The laws without faults.
    world : World
        The state at time 0, after the history; a session clones it.
    collector : Collector
        Counters and series of the history.
    monitors : MonitorRunner
        In their state at time 0.
    groups : list of RuleGroup
        Alert rules.
    document : Document
        The scenario with the content of the YAML files that it names.
    files : mapping of str to str
        The text of rule and routing files by name, for a replay.
    user_data : Dataset or None
        The rows of a user's own file, for a replay.
    """

    scenario: Scenario
    pipeline: Pipeline
    organisation: Organisation
    injects: tuple[BoundInject, ...]
    params: Params
    world: World
    collector: Collector
    monitors: MonitorRunner
    groups: list[RuleGroup]
    alertmanager: AlertmanagerConfig
    objectives: Mapping[str, Limit]
    document: Document
    files: Mapping[str, str]
    user_data: Dataset | None = None

    @property
    def oncall(self) -> OnCall:
        """The on-call file; its teams also own what the pipeline assigns to them."""
        return self.organisation.model

    @property
    def epoch_ms(self) -> int:
        """The scenario's start, in ms since 1970."""
        return int(self.scenario.starts_at.timestamp() * 1000)

    @property
    def playbook(self) -> Playbook | None:
        """The scenario's own responder."""
        responder = self.scenario.responder
        return responder if isinstance(responder, Playbook) else None

    @property
    def reference_playbook(self) -> Playbook | None:
        """The playbook that runs are compared with: the scenario's `par`, else its responder."""
        par = self.scenario.par
        return par if isinstance(par, Playbook) else self.playbook

    @property
    def rubric(self) -> Rubric | None:
        """The rubric for grading runs; None for the default."""
        rubric = self.scenario.rubric
        return rubric if isinstance(rubric, Rubric) else None

    @cached_property
    def graph(self) -> ComponentGraph:
        """What depends on what."""
        columns = [column.name for column in self.params.pool.columns]
        return ComponentGraph(self.pipeline, columns, list(self.alertmanager.receivers))

    @property
    def needs(self) -> tuple[Need, ...]:
        """Whom its incident needs; hidden from players."""
        scenario = self.scenario
        return derive_needs(
            self.injects, self.organisation, scenario.plays, scenario.expect, self.epoch_ms
        )

    def bind_inject(self, spec: Mapping[str, Any]) -> BoundInject:
        """An inject that a facilitator orders, as a scenario has it but without a time.

        Raises
        ------
        SourceError
            All complaints, with their paths in the inject and without a file.
        """
        receivers, columns = self.alertmanager.receivers, self.params.pool.columns
        return bind_live_inject(spec, self.pipeline, receivers, columns)

    def truth(self) -> TrueObjectives:
        """A fresh record of the objectives."""
        return TrueObjectives(self.objectives, self.scenario.scrape_interval)


def parse(path: str | Path, overrides: Iterable[str] = ()) -> tuple[Document, Scenario]:
    """Read and validate a scenario with the pipeline and the on-call file that it names.

    Raises
    ------
    SourceError
        All errors of the formats.
    """
    document = read(locate_file(str(path), "drill"))
    complaints = Complaints()
    for text in overrides:
        with complaints.collecting():
            document = override(document, text)
    # After the overrides, since one may name another file.
    for key in ("pipeline", "oncall", "responder", "par", "rubric"):
        with complaints.collecting():
            document = inline_file(document, (key,))
    complaints.raise_if_any()
    with complaints.collecting():
        return document, validate(document, Scenario)
    # Errors of the format do not hide unknown names of parts.
    complaints.items += argument_complaints(document, FAULTS, ACTIONS)
    complaints.raise_if_any()
    raise AssertionError("a validation error has complaints")


def load(path: str | Path, overrides: Iterable[str] = ()) -> Setting:
    """Bind a scenario.

    Parameters
    ----------
    path : str or Path
        A file, or the name of a shipped scenario.
    overrides : iterable of str
        `PATH=VALUE`, as in `drill run --set`.

    Raises
    ------
    SourceError
        All errors, with their places.
    """
    document, scenario = parse(path, overrides)
    return _make(document, scenario, bind_names(document, scenario))


def _make(document: Document, scenario: Scenario, bound: BoundScenario) -> Setting:
    key = base_key(scenario, bound)
    base = cached_base(key, lambda: make_base(scenario, bound))
    return Setting(
        scenario=scenario,
        pipeline=bound.pipeline,
        organisation=bound.organisation,
        injects=bound.injects,
        params=base.params,
        world=base.world,
        collector=base.collector,
        monitors=base.monitors,
        groups=bound.groups,
        alertmanager=bound.alertmanager,
        objectives=bound.objectives,
        document=document,
        files=bound.files,
        user_data=bound.dataset if bound.pipeline.data.is_file else None,
    )


__all__ = ["Setting", "load", "parse"]
