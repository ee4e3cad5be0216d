"""Names in a scenario against what they name: parts, stages, columns, files, teams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator.actions import ACTIONS
from simulator.alerting.alertmanager import AlertmanagerConfig, load_alertmanager
from simulator.alerting.rulefile import RuleGroup, load_rules
from simulator.datasets import sources
from simulator.datasets.bad_data import BadData
from simulator.datasets.dataset import Dataset
from simulator.datasets.windows import window_errors
from simulator.exercise.injects import Inject
from simulator.exercise.objectives import Limit
from simulator.faults import causes
from simulator.monitors import MONITORS, FeatureMonitor, Monitor, series_conflicts
from simulator.monitors.validation import Validation
from simulator.pipeline.model import labels
from simulator.pipeline.monitoring import ALERTMANAGER, PROMETHEUS
from simulator.scenario import (
    OnCall,
    Pipeline,
    Playbook,
    Scenario,
    Validate,
    check_name,
    part_at,
)
from simulator.setting.bind_injects import ROLES, Injects
from simulator.setting.bind_playbooks import check_playbook
from simulator.setting.components import components, declared_owners, ownable
from simulator.setting.estimator import learner_errors
from simulator.setting.name_checks import Naming
from simulator.setting.scrape_targets import scrape_jobs, validation_monitors
from simulator.source import Document, Key, SourceError, display_path, find_file, read_file
from simulator.telemetry.exporters import exporter_names
from simulator.units import format_ms


@dataclass
class Bound:
    """What the names of a scenario turned out to be."""

    pipeline: Pipeline
    oncall: OnCall
    dataset: Dataset
    injects: tuple[Inject, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    groups: list[RuleGroup] = field(default_factory=list)
    alertmanager: AlertmanagerConfig = None  # type: ignore[assignment]
    objectives: dict[str, Limit] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)  # what messages call those files

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions of the model that a change releases."""
        args = [one.args for one in self.injects if (one.type, one.name) == ("change", "release")]
        return tuple(int(each["version"]) for each in args if each.get("version") is not None)

    @property
    def integrations(self) -> list[str]:
        """The kinds of the receivers' integrations."""
        receivers = self.alertmanager.receivers.values()
        return sorted({one.kind for receiver in receivers for one in receiver.integrations})


def check(document: Document, scenario: Scenario) -> Bound:
    """Bind every name; tell everything that is wrong at once.

    Raises
    ------
    SourceError
    """
    binding = _Binding(document, scenario)
    binding.complaints.raise_if_any()
    return binding.bound


class _Binding(Naming):
    def __init__(self, document: Document, scenario: Scenario) -> None:
        super().__init__(document)
        # `parse` has put the files that were named into their places.
        assert isinstance(scenario.pipeline, Pipeline)
        assert isinstance(scenario.oncall, OnCall)
        self.scenario = scenario
        self.rules_read = False
        pipeline, oncall = scenario.pipeline, scenario.oncall
        # Without rows there are no columns, and nothing more can be said.
        dataset = load_dataset(document, pipeline, ("pipeline", "data"))
        self.columns = [column.name for column in dataset.columns]
        self.bound = Bound(pipeline, oncall, dataset)
        self.pipeline_names()
        self.alerting()
        self.people()
        self.owners()
        self.monitors()
        injects = Injects(self, pipeline, dataset.columns, self.targets())
        self.bound.injects = tuple(injects.bind(scenario.injects))
        # Of rules that cannot be read nobody knows the alerts; what is wrong with them is told.
        groups = self.bound.groups if self.rules_read else None
        for key in ("responder", "par"):
            playbook = getattr(scenario, key)
            if isinstance(playbook, Playbook):
                with self.complaints.collecting():
                    check_playbook(document, (key,), playbook, groups, oncall)
        trains = any(stage.kind == "training" for stage in pipeline.stages.values())
        if scenario.objectives.training_goodput is not None and not trains:
            text = "no stage of the pipeline is of kind training"
            self.complain(("objectives", "training_goodput"), text)
        self.bound.objectives = {
            name: _objective(name, one) for name, one in scenario.objectives.items()
        }

    def targets(self) -> dict[str, list[str]]:
        """What faults can bite on, by kind."""
        found = components(self.bound.pipeline) | monitored(self.bound)
        # With a bad routing file nobody knows; what is wrong with that is told anyway.
        if not found["receiver"]:
            del found["receiver"]
        return found

    def pipeline_names(self) -> None:
        for name, stage in self.bound.pipeline.stages.items():
            at: tuple[Key, ...] = ("pipeline", "stages", name)
            for i, _ in enumerate(getattr(stage, "columns", ()) or ()):
                self.name((*at, "columns", i), self.columns, "column")
            self.name((*at, "plays"), exporter_names(), "system", "drill catalogue signals")
            if isinstance(stage, Validate):
                for wrong in Validation(rules=stage.rules).wrongs(self.bound.dataset.columns):
                    self.complain((*at, *wrong.path), wrong.text)
        self.looks_back(("pipeline", "model", "window"), self.bound.pipeline.model.window)
        for wrong in learner_errors(self.bound.pipeline):
            self.complain(("pipeline", "model", *wrong.path), wrong.text)

    def looks_back(self, at: tuple[Key, ...], window: int) -> None:
        """Rows and labels are kept for so long, and no longer."""
        if window > labels.LONGEST_WINDOW:
            longest = format_ms(labels.LONGEST_WINDOW)
            self.complain(at, f"given {format_ms(window)!r}, expected {longest!r} or less")

    def people(self) -> None:
        teams = self.bound.oncall.teams
        known = [*teams, *self.bound.oncall.inform]
        self.name(("plays",), teams, "team")
        expect = self.scenario.expect
        for key in ("owner", "inform", "must_page"):
            for i, _ in enumerate(getattr(expect, key)):
                self.name(("expect", key, i), known if key == "inform" else teams, "team")
        for i, _ in enumerate(expect.must_not):
            self.name(("expect", "must_not", i), ACTIONS.names(), "action")
        for name in expect.budget:
            if name not in dict(self.scenario.objectives.items()):
                self.complain(("expect", "budget", name), f"there is no objective {name!r}")
        places: list[tuple[Key, ...]] = []
        if isinstance(expect.cause, str):
            places.append(("expect", "cause"))
        elif expect.cause:
            places += [("expect", "cause", i) for i, _ in enumerate(expect.cause)]
        for place in places:
            self.name(place, causes(), "cause", "drill catalogue faults")
        for i, inject in enumerate(self.scenario.injects):
            if inject.message is not None:
                self.name(("injects", i, "message", "to"), [*ROLES, *known], "recipient")
        if self.bound.alertmanager is None:
            return  # nobody knows the receivers then, which somebody may own
        pipeline = self.bound.pipeline
        things = [*pipeline.stages, *ownable(pipeline), *monitoring(self.bound)]
        for team, one in teams.items():
            for i, _ in enumerate(one.owns):
                self.name(("oncall", "teams", team, "owns", i), things, "thing to own")

    def owners(self) -> None:
        """What the on-call file gives to nobody belongs to whom the pipeline names."""
        oncall = self.bound.oncall
        mine = {thing for team in oncall.teams.values() for thing in team.owns}
        teams = dict(oncall.teams)
        for thing, name in declared_owners(self.bound.pipeline).items():
            if thing not in mine and name in teams:
                teams[name] = teams[name].model_copy(update={"owns": (*teams[name].owns, thing)})
        self.bound.oncall = oncall.model_copy(update={"teams": teams})

    def monitors(self) -> None:
        found = []
        for i, _ in enumerate(self.bound.pipeline.monitors):
            at = ("pipeline", "monitors", i)
            with self.complaints.collecting():
                one = part_at(self.document, at, "monitor", MONITORS)
                found.append(one)
                if isinstance(one, FeatureMonitor) and isinstance(one.features, str):
                    self.name((*at, "features"), ["all"], "column set")
                elif isinstance(one, FeatureMonitor):
                    for k, _ in enumerate(one.features):
                        self.name((*at, "features", k), self.columns, "column")
                for wrong in one.wrongs(self.bound.dataset.columns):
                    self.complain((*at, *wrong.path), wrong.text)
                self.looks_back((*at, "window"), one.window)
        if len(found) == len(self.bound.pipeline.monitors):
            stages = validation_monitors(self.bound.pipeline)
            for i, text in series_conflicts([*stages, *found], self.bound.dataset.columns).items():
                self.complain(("pipeline", "monitors", i - len(stages), "monitor"), text)
        self.bound.monitors = tuple(found)

    def alerting(self) -> None:
        alerting = self.scenario.alerting
        before = len(self.complaints.items)
        for i, name in enumerate(alerting.rules):
            with self.complaints.collecting():
                text, shown = self.file(name, ("alerting", "rules", i))
                self.bound.groups += load_rules(text, shown, alerting.prometheus)
        self.rules_read = len(self.complaints.items) == before
        with self.complaints.collecting():
            at = ("alerting", "alertmanager")
            text, shown = self.file(alerting.alertmanager, at)
            version = alerting.alertmanager_version
            self.bound.alertmanager = load_alertmanager(text, shown, version)

    def file(self, name: str, at: tuple[Key, ...]) -> tuple[str, str]:
        node = self.document.node(at)
        position = node.position if node is not None else self.document.root.position
        path = find_file(name, None, position.file.parent, self.document.home, position, at)
        text = read_file(path)
        self.bound.files[name], self.bound.shown[name] = text, display_path(path)
        return text, display_path(path)


FILES = "or a file: rows.csv, rows.parquet"


def load_dataset(document: Document, pipeline: Pipeline, at: tuple[Key, ...]) -> Dataset:
    """The rows of a pipeline's data set.

    Parameters
    ----------
    document : Document
    pipeline : Pipeline
    at : path of `data` in the document

    Raises
    ------
    SourceError
    """
    data, here = pipeline.data, (*at, "source")
    file = None
    if data.is_file:
        position = document.position(here)
        file = find_file(data.source, None, position.file.parent, document.home, position, here)
    elif found := check_name(document, here, sources.NAMES, "data set", listing=FILES):
        raise SourceError([found])
    try:
        dataset = sources.load(data, file)
    except BadData as error:
        wrongs = list(error.wrongs)
    else:
        wrongs = window_errors(dataset, data)
    if wrongs:
        raise SourceError(document.complaint_at((*at, *one.path), one.text) for one in wrongs)
    return dataset


def monitored(bound: Bound) -> dict[str, list[str]]:
    """What monitoring consists of, by kind."""
    return {
        PROMETHEUS: [PROMETHEUS],
        ALERTMANAGER: [ALERTMANAGER],
        "scrape": scrape_jobs(bound.pipeline),
        "receiver": list(bound.alertmanager.receivers) if bound.alertmanager else [],
    }


def monitoring(bound: Bound) -> list[str]:
    """The names of that, under which somebody owns it."""
    return list(dict.fromkeys(name for names in monitored(bound).values() for name in names))


def _objective(name: str, one: Any) -> Limit:
    if hasattr(one, "min"):
        return Limit(name, low=one.min, window=one.window)
    return Limit(name, high=one.max / 1000.0, window=one.window)
