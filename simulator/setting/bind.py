"""Names in a scenario against what they name: parts, stages, columns, files, teams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.actions import ACTIONS
from simulator.alerting.alertmanager import AlertmanagerConfig, load_alertmanager
from simulator.alerting.rulefile import Group, RulesError, load_rules
from simulator.exercise.injects import Inject
from simulator.exercise.objectives import Objective
from simulator.faults import FAULTS, Fault
from simulator.monitors import MONITORS, FeatureMonitor, Monitor, clashes
from simulator.monitors.validation import Validation
from simulator.pipeline import releases
from simulator.pipeline.jobs import SCHEDULER
from simulator.pipeline.nodes import CLUSTER
from simulator.pipeline.quota import QUOTA
from simulator.pipeline.watching import ALERTMANAGER, PROMETHEUS
from simulator.promql import PromQLError, parse
from simulator.scenario import Inject as Written
from simulator.scenario import (
    Job,
    OnCall,
    Pipeline,
    Playbook,
    Scenario,
    Serving,
    Source,
    Step,
    Validate,
    action_at,
    check_name,
    part_at,
)
from simulator.setting import datasets, estimator
from simulator.setting.data import Frame
from simulator.setting.own import BadData
from simulator.setting.pipeline import (
    credentials,
    refers,
    scraped,
    serving_of,
    validation,
)
from simulator.setting.training import stores
from simulator.source import (
    Complaint,
    Complaints,
    Document,
    Key,
    SourceError,
    find,
    shown,
    text_of,
)


@dataclass
class Bound:
    """What the names of a scenario turned out to be."""

    pipeline: Pipeline
    oncall: OnCall
    frame: Frame
    injects: tuple[Inject, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    groups: list[Group] = field(default_factory=list)
    alertmanager: AlertmanagerConfig = None  # type: ignore[assignment]
    objectives: dict[str, Objective] = field(default_factory=dict)
    versions: tuple[int, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)  # what messages call those files

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
    binding.complaints.settle()
    return binding.bound


class _Binding:
    def __init__(self, document: Document, scenario: Scenario) -> None:
        # `parse` has put the files that were named into their places.
        assert isinstance(scenario.pipeline, Pipeline)
        assert isinstance(scenario.oncall, OnCall)
        self.document, self.scenario = document, scenario
        self.complaints = Complaints()
        pipeline, oncall = scenario.pipeline, scenario.oncall
        # Without rows there are no columns, and nothing more can be said.
        frame = frame_of(document, pipeline, ("pipeline", "data"))
        self.columns = [column.name for column in frame.columns]
        self.categories = [column.name for column in frame.columns if column.categorical]
        self.quantities = [column.name for column in frame.columns if not column.categorical]
        self.bound = Bound(pipeline, oncall, frame)
        self.pipeline_names()
        self.alerting()
        self.people()
        self.monitors()
        self.injects()
        for key in ("responder", "par"):
            playbook = getattr(scenario, key)
            if isinstance(playbook, Playbook):
                with self.complaints.gathered():
                    check_playbook(document, (key,), playbook, self.bound.groups)
        trains = any(stage.kind == "training" for stage in pipeline.stages.values())
        if scenario.objectives.training_goodput is not None and not trains:
            text = "no stage of the pipeline is of kind training"
            self.complain(("objectives", "training_goodput"), text)
        self.bound.objectives = {
            name: _objective(name, one) for name, one in scenario.objectives.items()
        }

    def complain(self, at: tuple[Key, ...], text: str) -> None:
        self.complaints.add(self.document.complain(at, text))

    def name(self, at: tuple[Key, ...], known: Any, noun: str, listing: str = "") -> bool:
        found = check_name(self.document, at, known, noun, listing=listing)
        if found:
            self.complaints.add(found)
        return found is None

    def pipeline_names(self) -> None:
        for name, stage in self.bound.pipeline.stages.items():
            at: tuple[Key, ...] = ("pipeline", "stages", name)
            for i, _ in enumerate(getattr(stage, "columns", ()) or ()):
                self.name((*at, "columns", i), self.columns, "column")
            if isinstance(stage, Validate):
                for wrong in Validation(rules=stage.rules).wrongs(self.bound.frame.columns):
                    self.complain((*at, *wrong.path), wrong.text)
        for wrong in estimator.wrongs(self.bound.pipeline):
            self.complain(("pipeline", "model", *wrong.path), wrong.text)

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
        cause = self.scenario.expect.cause
        causes = [f"{FAULTS.get(name).type}.{name}" for name in FAULTS.names()]
        if cause is not None:
            self.name(("expect", "cause"), causes, "cause", "drill catalogue faults")
        pipeline = self.bound.pipeline
        things = [*pipeline.stages, *credentials(pipeline), *_dependencies(pipeline)]
        things += [QUOTA] if pipeline.cluster.quota else []
        things += [CLUSTER, SCHEDULER, *pipeline.pools, *pipeline.volumes, *stores(pipeline)]
        things += monitoring(self.bound)
        for team, one in teams.items():
            for i, _ in enumerate(one.owns):
                self.name(("oncall", "teams", team, "owns", i), things, "thing to own")

    def monitors(self) -> None:
        found = []
        for i, _ in enumerate(self.bound.pipeline.monitors):
            at = ("pipeline", "monitors", i)
            with self.complaints.gathered():
                one = part_at(self.document, at, "monitor", MONITORS)
                found.append(one)
                if isinstance(one, FeatureMonitor) and isinstance(one.features, str):
                    self.name((*at, "features"), ["all"], "column set")
                elif isinstance(one, FeatureMonitor):
                    for k, _ in enumerate(one.features):
                        self.name((*at, "features", k), self.columns, "column")
                for wrong in one.wrongs(self.bound.frame.columns):
                    self.complain((*at, *wrong.path), wrong.text)
        if len(found) == len(self.bound.pipeline.monitors):
            stages = validation(self.bound.pipeline)
            for i, text in clashes([*stages, *found], self.bound.frame.columns).items():
                self.complain(("pipeline", "monitors", i - len(stages), "monitor"), text)
        self.bound.monitors = tuple(found)

    def injects(self) -> None:
        found, versions = [], []
        for i, one in enumerate(self.scenario.injects):
            with self.complaints.gathered():
                if one.kind == "fault":
                    found.append(self.fault(i, one))
                elif one.kind == "change":
                    found.append(self.change(i, one))
                    if one.change == "release" and one.args.get("version") is not None:
                        versions.append(int(one.args["version"]))
                else:
                    found.append(self.message(i, one))
        self.bound.injects = tuple(inject for inject in found if inject is not None)
        self.bound.versions = tuple(versions)

    def fault(self, i: int, one: Written) -> Inject | None:
        at: tuple[Key, ...] = ("injects", i)
        extra = {"target": one.target} if one.target else {}
        part = part_at(self.document, at, "fault", FAULTS, extra=extra)
        targets = self.targets(part)
        if targets is not None:
            if not part.target and len(targets) == 1:
                part = part.model_copy(update={"target": targets[0]})
            elif not targets:
                self.complain(at, f"{part.kind} bites on a {part.on}, and the pipeline has none")
                return None
            elif not part.target:
                self.complain(
                    at, f"target is missing; {part.kind} bites on one of {', '.join(targets)}"
                )
                return None
            elif not self.name((*at, "target"), targets, part.on):
                return None
        for key, noun, known in (
            ("feature", "column", self.columns),
            ("quantity", "numeric column", self.quantities),
            ("category", "column of levels", self.categories),
            ("job", "job", self.jobs()),
        ):
            for name, _ in refers(part, key):
                self.name((*at, "args", name), known, noun)
        self.machines(at, part)
        return Inject(
            id=one.id or "",
            type="fault",
            name=part.kind,
            at=one.at or 0,
            target=part.target,
            args=dict(one.args),
            lasts=one.for_,
            fault=part,
        )

    def machines(self, at: tuple[Key, ...], part: Fault) -> None:
        """Nodes are there: those that train, and those of the model server."""
        cluster = self.bound.pipeline.cluster
        count = {"server": cluster.nodes}
        if cluster.accelerators is not None:
            count["node"] = cluster.accelerators.nodes
        for key in ("node", "server"):
            for name, number in refers(part, key):
                if key not in count:
                    text = f"{part.kind} needs machines: cluster.accelerators is missing"
                    self.complain(at, text)
                elif int(number) >= count[key]:
                    text = f"there is no node {number}; the cluster has {count[key]}"
                    self.complain((*at, "args", name), text)

    def targets(self, part: Fault) -> list[str] | None:
        pipeline = self.bound.pipeline
        kinds = {"source": Source, "serving": Serving, "job": Job}
        if not part.on:
            return None
        if part.on == "cpu":
            name, server = serving_of(pipeline)
            return [name] if server.cpu else []
        if part.on == "gpu_memory":
            name, server = serving_of(pipeline)
            return [name] if server.gpu_memory else []
        if part.on == CLUSTER:
            return [CLUSTER]
        if part.on == "credential":
            return credentials(pipeline)
        if part.on == "pool":
            return list(pipeline.pools)
        if part.on == QUOTA:
            return [QUOTA] if pipeline.cluster.quota else []
        if part.on == "volume":
            return list(pipeline.volumes)
        if part.on == "checkpoint_store":
            return stores(pipeline)
        if part.on == "dependency":
            return _dependencies(pipeline)
        if part.on == "receiver":
            # With a bad routing file nobody knows; what is wrong with that is told anyway.
            return _receivers(self.bound) or None
        if part.on == "scrape":
            return scraped(pipeline)
        if part.on in (PROMETHEUS, ALERTMANAGER):
            return [part.on]
        return [
            name for name, stage in pipeline.stages.items() if isinstance(stage, kinds[part.on])
        ]

    def jobs(self) -> list[str]:
        stages = self.bound.pipeline.stages
        return [name for name, stage in stages.items() if isinstance(stage, Job)]

    def change(self, i: int, one: Written) -> Inject:
        at: tuple[Key, ...] = ("injects", i)
        part = part_at(self.document, at, "change", ACTIONS)
        if one.change in ("release", "rollback") and "target" in one.args:
            known = [releases.MODEL, releases.SERVING, *self.jobs()]
            self.name((*at, "args", "target"), known, "component")
        return Inject(
            id=one.id or "",
            type="change",
            name=part.kind,
            at=one.at or 0,
            target=one.target or "",
            args=dict(one.args),
        )

    def message(self, i: int, one: Written) -> Inject:
        assert one.message is not None
        said = one.message
        at = one.at if one.unless is None else one.unless.by
        if one.unless is not None:
            known = [*EVENTS]
            self.name(("injects", i, "unless", "event"), known, "event")
        return Inject(
            id=one.id or "",
            type="message",
            name=said.to,
            at=at or 0,
            target="",
            args={},
            unless=one.unless.event if one.unless else "",
            text=said.text,
            sender=said.from_,
        )

    def alerting(self) -> None:
        alerting = self.scenario.alerting
        for i, name in enumerate(alerting.rules):
            with self.complaints.gathered():
                text, shown = self.file(name, ("alerting", "rules", i))
                try:
                    self.bound.groups += load_rules(text, shown, alerting.prometheus)
                except RulesError as error:
                    self.complaints.found += map(Complaint.parse, error.problems)
        with self.complaints.gathered():
            at = ("alerting", "alertmanager")
            text, shown = self.file(alerting.alertmanager, at)
            try:
                self.bound.alertmanager = load_alertmanager(
                    text, shown, alerting.alertmanager_version
                )
            except ValueError as error:
                self.complaints.found += map(Complaint.parse, str(error).splitlines())

    def file(self, name: str, at: tuple[Key, ...]) -> tuple[str, str]:
        node = self.document.node(at)
        mark = node.mark if node is not None else self.document.root.mark
        path = find(name, None, Path(mark.file).parent, self.document.home, mark, at)
        text = text_of(path)
        self.bound.files[name], self.bound.shown[name] = text, shown(path)
        return text, shown(path)


def frame_of(document: Document, pipeline: Pipeline, at: tuple[Key, ...]) -> Frame:
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
        mark = document.mark(here)
        file = find(data.source, None, mark.file.parent, document.home, mark, here)
    elif found := check_name(document, here, datasets.NAMES, "data set", listing=FILES):
        raise SourceError([found])
    try:
        frame = datasets.load(data, file)
    except BadData as error:
        wrongs = list(error.wrongs)
    else:
        wrongs = datasets.wrongs(frame, data)
    if wrongs:
        raise SourceError(document.complain((*at, *one.path), one.text) for one in wrongs)
    return frame


def check_playbook(
    document: Document, at: tuple[Key, ...], playbook: Playbook, groups: list[Group] | None
) -> None:
    """Bind a playbook's orders and parse its queries.

    Parameters
    ----------
    document : Document
    at : path of the playbook in it
    playbook : Playbook
    groups : list of Group or None
        The rules whose alerts it starts on; None if they are not known.

    Raises
    ------
    SourceError
    """
    complaints = Complaints()
    for path, step in playbook.walk():
        here = (*at, *path)
        if step.act is not None:
            with complaints.gathered():
                action_at(document, (*here, "act"), ACTIONS)
        for where, expr in _queries(step):
            try:
                if "${" not in expr:
                    parse(expr)
            except PromQLError as error:
                complaints.add(document.complain((*here, *where), str(error)))
    if groups is not None and playbook.starts_on is not None:
        known = [rule.name for group in groups for rule in group.rules if rule.alert]
        for i, _ in enumerate(playbook.starts_on.alerts):
            found = check_name(document, (*at, "starts_on", "alerts", i), known, "alert")
            if found and at:
                complaints.add(found)
    complaints.settle()


def _queries(step: Step) -> Iterator[tuple[tuple[Key, ...], str]]:
    if step.if_ is not None:
        yield ("if",), step.if_
    if isinstance(step.look, str):
        yield ("look",), step.look
    if step.verify is not None:
        yield ("verify", "query"), step.verify.query
    for i, branch in enumerate(step.branch or ()):
        if branch.if_ is not None:
            yield ("branch", i, "if"), branch.if_


FILES = "or a file: rows.csv, rows.parquet"

# What a contingency inject can wait for: actions of the played team, done.
EVENTS = {
    "acknowledged": "acknowledge",
    "declared": "declare",
    "diagnosed": "diagnose",
    "escalated": "escalate",
    "paged": "page",
    "told": "status_update",
    "closed": "close",
}


def monitoring(bound: Bound) -> list[str]:
    """What monitoring consists of, by the names under which somebody owns it."""
    return list(
        dict.fromkeys([PROMETHEUS, ALERTMANAGER, *scraped(bound.pipeline), *_receivers(bound)])
    )


def _receivers(bound: Bound) -> list[str]:
    return list(bound.alertmanager.receivers) if bound.alertmanager else []


def _dependencies(pipeline: Pipeline) -> list[str]:
    dependency = serving_of(pipeline)[1].dependency
    return [dependency.name] if dependency else []


def _objective(name: str, one: Any) -> Objective:
    if hasattr(one, "min"):
        return Objective(name, low=one.min, window=one.window)
    return Objective(name, high=one.max / 1000.0, window=one.window)
