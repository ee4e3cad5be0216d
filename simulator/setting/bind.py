"""Binds the names in a scenario: parts, stages, columns, files, teams."""

import math
from collections.abc import Iterable, Sequence

from simulator.actions import ACTIONS
from simulator.alerting.alertmanager import AlertmanagerConfig, load_alertmanager
from simulator.alerting.rulefile import RuleGroup, load_rules
from simulator.debts import DEBTS
from simulator.director.objectives import Limit
from simulator.faults import causes, is_cause
from simulator.monitors import MONITORS, FeatureMonitor, Monitor, series_conflicts
from simulator.monitors.validation import Validation
from simulator.oncall.ical.calendar_events import load_calendar
from simulator.oncall.organisation import Organisation, horizon
from simulator.oncall.schedules.shifts import Shift
from simulator.pipeline.model import labels
from simulator.scenario import OnCall, Pipeline, Playbook, Scenario, Validate, part_at
from simulator.scenario.expect import PASSIVE_ANSWERS
from simulator.scenario.objectives import AtLeast
from simulator.setting.bind_dataset import load_dataset
from simulator.setting.bind_injects import TEAM_ROLES, InjectBinder
from simulator.setting.bind_playbooks import check_playbook
from simulator.setting.bind_rights import check_rights
from simulator.setting.bound_scenario import (
    BoundScenario,
    calendar_key,
    monitoring_components,
    monitoring_names,
)
from simulator.setting.components import components, declared_owners, fields, ownable
from simulator.setting.estimator import learner_errors
from simulator.setting.name_checker import KeyPath, NameChecker
from simulator.setting.scrape_targets import validation_monitors
from simulator.source import Document, Issue, display_path, find_file, read_file
from simulator.telemetry.exporters import exporter_names
from simulator.units import format_ms


def bind_names(document: Document, scenario: Scenario) -> BoundScenario:
    """Bind all names of a scenario.

    Raises
    ------
    SourceError
        All unknown names and misplaced values.
    """
    return _Binder(document, scenario).bind()


class _Binder(NameChecker):
    """Binds one scenario; every method adds its complaints."""

    def __init__(self, document: Document, scenario: Scenario) -> None:
        super().__init__(document)
        # `parse` has replaced file names by the files' content.
        assert isinstance(scenario.pipeline, Pipeline)
        assert isinstance(scenario.oncall, OnCall)
        self.scenario, self.pipeline, self.oncall = scenario, scenario.pipeline, scenario.oncall
        # Without rows there are no columns, and no other check is possible.
        self.dataset = load_dataset(document, self.pipeline, ("pipeline", "data"))
        self.columns = [column.name for column in self.dataset.columns]
        self.files: dict[str, str] = {}
        self.display_paths: dict[str, str] = {}

    def bind(self) -> BoundScenario:
        """Check everything, then build the result."""
        scenario = self.scenario
        self._check_stages()
        self._check_model()
        groups, alertmanager = self._rules(), self._routing()
        self._check_people()
        self._check_expectations()
        if alertmanager is not None:
            self._check_owned(alertmanager)
        monitors = self._monitors()
        targets = self._components(alertmanager)
        if alertmanager is None:
            del targets["receiver"]  # unknown, so they cannot be checked
        objectives = [name for name, _ in scenario.objectives.items()]
        injects = InjectBinder(self, self.pipeline, objectives, self.dataset.columns, targets)
        bound_injects = tuple(injects.bind(scenario.injects))
        self._check_playbooks(groups)
        organisation = self._organisation(alertmanager)
        self.complaints.raise_if_any()
        assert groups is not None
        assert alertmanager is not None
        return BoundScenario(
            pipeline=self.pipeline,
            organisation=organisation,
            dataset=self.dataset,
            injects=bound_injects,
            monitors=tuple(monitors),
            groups=groups,
            alertmanager=alertmanager,
            objectives=_limits(scenario),
            files=self.files,
            display_paths=self.display_paths,
        )

    # -- the pipeline -------------------------------------------------------------------------

    def _check_stages(self) -> None:
        for name, stage in self.pipeline.stages.items():
            at: KeyPath = ("pipeline", "stages", name)
            for i, _ in enumerate(getattr(stage, "columns", ()) or ()):
                self.check((*at, "columns", i), self.columns, "column")
            self.check((*at, "plays"), exporter_names(), "system", "drill catalogue signals")
            if isinstance(stage, Validate):
                self._complain_all(at, Validation(rules=stage.rules).issues(self.dataset.columns))
        if self.scenario.objectives.training_goodput is not None and not any(
            stage.kind == "training" for stage in self.pipeline.stages.values()
        ):
            text = "no stage of the pipeline is of kind training"
            self.complain(("objectives", "training_goodput"), text)

    def _check_model(self) -> None:
        self._check_window(("pipeline", "model", "window"), self.pipeline.model.window)
        self._complain_all(("pipeline", "model"), learner_errors(self.pipeline))

    def _check_window(self, at: KeyPath, window: int) -> None:
        """Rows and labels are kept for the longest window only."""
        if window > labels.LONGEST_WINDOW:
            longest = format_ms(labels.LONGEST_WINDOW)
            self.complain(at, f"given {format_ms(window)!r}, expected {longest!r} or less")

    def _monitors(self) -> list[Monitor]:
        monitors = []
        for i, _ in enumerate(self.pipeline.monitors):
            at = ("pipeline", "monitors", i)
            with self.complaints.collecting():
                monitor = part_at(self.document, at, "monitor", MONITORS)
                monitors.append(monitor)
                self._check_monitor(at, monitor)
        if len(monitors) == len(self.pipeline.monitors):
            stages = validation_monitors(self.pipeline)
            conflicts = series_conflicts([*stages, *monitors], self.dataset.columns)
            for i, text in conflicts.items():
                self.complain(("pipeline", "monitors", i - len(stages), "monitor"), text)
        return monitors

    def _check_monitor(self, at: KeyPath, monitor: Monitor) -> None:
        if isinstance(monitor, FeatureMonitor) and isinstance(monitor.features, str):
            self.check((*at, "features"), ["all"], "column set")
        elif isinstance(monitor, FeatureMonitor):
            for i, _ in enumerate(monitor.features):
                self.check((*at, "features", i), self.columns, "column")
        self._complain_all(at, monitor.issues(self.dataset.columns))
        self._check_window((*at, "window"), monitor.window)

    # -- alerting -----------------------------------------------------------------------------

    def _rules(self) -> list[RuleGroup] | None:
        """The groups of all rule files; None after an error."""
        alerting = self.scenario.alerting
        groups: list[RuleGroup] = []
        before = len(self.complaints.items)
        for i, name in enumerate(alerting.rules):
            with self.complaints.collecting():
                text, file = self._read(name, ("alerting", "rules", i))
                groups += load_rules(text, file, alerting.prometheus)
        return groups if len(self.complaints.items) == before else None

    def _routing(self) -> AlertmanagerConfig | None:
        """The routing file; None after an error."""
        alerting = self.scenario.alerting
        with self.complaints.collecting():
            text, file = self._read(alerting.alertmanager, ("alerting", "alertmanager"))
            return load_alertmanager(text, file, alerting.alertmanager_version)
        return None

    def _read(self, name: str, at: KeyPath) -> tuple[str, str]:
        """The text of a file that the scenario names, and the file's name in messages."""
        node = self.document.node(at)
        position = node.position if node is not None else self.document.root.position
        path = find_file(name, None, position.file.parent, self.document.home, position, at)
        self.files[name], self.display_paths[name] = read_file(path), display_path(path)
        return self.files[name], self.display_paths[name]

    # -- people -------------------------------------------------------------------------------

    def _check_people(self) -> None:
        teams, people = self.oncall.teams, self.oncall.readers
        check_rights(self, ("oncall",), self.oncall)
        self.check(("plays",), teams, "team")
        expect = self.scenario.expect
        for key in ("owner", "inform", "must_page"):
            for i, _ in enumerate(getattr(expect, key)):
                self.check(("expect", key, i), people if key == "inform" else teams, "team")
        for i, escalation in enumerate(expect.escalate or ()):
            place = ("expect", "escalate", i, "to")
            self.check(place, teams, "team")
            if escalation.to == self.scenario.plays:
                self.complain(place, f"{escalation.to} is the played team")
        for i, inject in enumerate(self.scenario.injects):
            if inject.message is not None:
                self.check(("injects", i, "message", "to"), [*TEAM_ROLES, *people], "recipient")

    def _check_expectations(self) -> None:
        expect = self.scenario.expect
        for i, _ in enumerate(expect.must_not):
            self.check(("expect", "must_not", i), ACTIONS.names(), "action")
        for i, _ in enumerate(expect.acceptable):
            names = [*PASSIVE_ANSWERS, *ACTIONS.names(), *DEBTS.names()]
            self.check(("expect", "acceptable", i), names, "action or debt")
        for i, escalation in enumerate(expect.escalate or ()):
            if escalation.action is not None:
                self.check(("expect", "escalate", i, "action"), ACTIONS.names(), "action")
        for name in expect.budget:
            if name not in dict(self.scenario.objectives.items()):
                self.complain(("expect", "budget", name), f"there is no objective {name!r}")
        places: list[KeyPath] = []
        if isinstance(expect.cause, str):
            places.append(("expect", "cause"))
        elif expect.cause:
            places += [("expect", "cause", i) for i, _ in enumerate(expect.cause)]
        for place in places:
            if not is_cause(str(self.document.plain(place))):
                self.check(place, causes(), "cause", "drill catalogue faults")

    def _check_owned(self, alertmanager: AlertmanagerConfig) -> None:
        monitoring = monitoring_names(self.pipeline, alertmanager.receivers)
        names = [*self.pipeline.stages, *ownable(self.pipeline), *monitoring]
        for name, team in self.oncall.teams.items():
            for i, _ in enumerate(team.owns):
                self.check(("oncall", "teams", name, "owns", i), names, "thing to own")

    def _components(self, alertmanager: AlertmanagerConfig | None) -> dict[str, list[str]]:
        receivers = alertmanager.receivers if alertmanager is not None else ()
        by_kind = components(self.pipeline) | monitoring_components(self.pipeline, receivers)
        return by_kind | fields(by_kind)

    def _organisation(self, alertmanager: AlertmanagerConfig | None) -> Organisation:
        """The people, with the calendar files of their schedules."""
        epoch_ms = int(self.scenario.starts_at.timestamp() * 1000)
        duration = self.scenario.duration
        calendars: dict[str, Sequence[Shift]] = {}
        for name, schedule in self.oncall.schedules.items():
            if schedule.ical is not None:
                at = ("oncall", "schedules", name, "ical")
                with self.complaints.collecting():
                    people = self.oncall.people
                    calendar = load_calendar(self.document, at, people, schedule.zone)
                    calendars[name] = calendar.shifts(*horizon(epoch_ms, duration))
                    self.files[calendar_key(name)] = calendar.text
        kinds = self._components(alertmanager)
        return Organisation.bind(self._with_declared_owners(), epoch_ms, calendars, kinds, duration)

    def _with_declared_owners(self) -> OnCall:
        """The on-call file, with the pipeline's owners of components that no team owns."""
        teams = dict(self.oncall.teams)
        owned = {name for team in teams.values() for name in team.owns}
        for name, owner in declared_owners(self.pipeline).items():
            if name not in owned and owner in teams:
                owns = (*teams[owner].owns, name)
                teams[owner] = teams[owner].model_copy(update={"owns": owns})
        return self.oncall.model_copy(update={"teams": teams})

    def _check_playbooks(self, groups: list[RuleGroup] | None) -> None:
        for key in ("responder", "par"):
            playbook = getattr(self.scenario, key)
            if isinstance(playbook, Playbook):
                with self.complaints.collecting():
                    check_playbook(self.document, (key,), playbook, groups, self.oncall)

    def _complain_all(self, at: KeyPath, issues: Iterable[Issue]) -> None:
        for issue in issues:
            self.complain((*at, *issue.path), issue.text)


def _limits(scenario: Scenario) -> dict[str, Limit]:
    limits = {}
    for name, bound in scenario.objectives.items():
        low, high = -math.inf, math.inf
        if isinstance(bound, AtLeast):
            low = bound.min
        else:
            high = bound.max / 1000.0
        limits[name] = Limit(name, low, high, bound.window, bound.budget, bound.weight)
    return limits
