"""All warnings about a scenario and about other files used with it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from simulator.alerting.rulefile import RuleGroup
from simulator.lint import (
    alerting_rules,
    capacity,
    cluster_orders,
    expected_answer,
    expected_limits,
    inject_schedule,
    never_reached,
    oncall_lint,
    playbook_rights,
    playbook_steps,
    routing_tree,
    snapshot_ages,
    unknown_skills,
    unowned_faults,
    unreachable_teams,
    unreleased_builds,
    untrained_versions,
)
from simulator.lint.default_moment import read_calendars
from simulator.lint.oncall_year import year_of
from simulator.lint.possible_series import PossibleSeries
from simulator.scenario import OnCall, Playbook
from simulator.setting import parse
from simulator.setting.bind import bind_names
from simulator.setting.name_checker import KeyPath
from simulator.source import Complaint, Document


class ScenarioLint:
    """The warnings about a scenario, or about files used with its series and people.

    Parameters
    ----------
    scenario : Path or str
        A file, or the name of a shipped scenario.
    moment : datetime or None
        From when on the people are checked; by default from the scenario's start.
    """

    def __init__(self, scenario: Path | str, moment: datetime | None = None) -> None:
        # Names only: fitting a model and simulating a history takes seconds.
        self.document, self.scenario = parse(scenario)
        self.bound = bind_names(self.document, self.scenario)
        self.dialect = self.scenario.alerting.prometheus
        self.moment, self._asks_for_moment = moment or self.scenario.starts_at, moment is not None

    def warnings(self) -> list[Complaint]:
        """The warnings about the scenario's own files."""
        document, bound = self.document, self.bound
        routing = self.scenario.alerting.alertmanager
        return [
            *self._rule_warnings(bound.groups, bound.groups),
            *self.routing_warnings(bound.files[routing], bound.display_paths[routing]),
            *capacity.warnings(document, ("pipeline",), bound.pipeline),
            *never_reached.warnings(document, self.scenario, bound.pipeline),
            *inject_schedule.warnings(document, self.scenario),
            *expected_answer.warnings(document, self.scenario, bound),
            *expected_limits.warnings(document, self.scenario, bound),
            *unowned_faults.warnings(document, bound),
            *unknown_skills.warnings(document, bound),
            *unreachable_teams.warnings(document, self.scenario, bound),
            *unreleased_builds.warnings(document, self.scenario, bound),
            *untrained_versions.warnings(document, self.scenario, bound),
            *cluster_orders.warnings(document, bound),
            *snapshot_ages.warnings(document, bound),
            *self._own_playbook_warnings(),
            *self.oncall_warnings(document, ("oncall",), bound.oncall),
        ]

    def _own_playbook_warnings(self) -> Iterator[Complaint]:
        for key, playbook in (("responder", self.scenario.responder), ("par", self.scenario.par)):
            if isinstance(playbook, Playbook):
                yield from self.playbook_warnings(self.document, (key,), playbook)

    def playbook_warnings(
        self, document: Document, at: KeyPath, playbook: Playbook
    ) -> list[Complaint]:
        """The warnings about a playbook at a path of a document."""
        organisation, plays = self.bound.organisation, self.scenario.plays
        steps = playbook_steps.warnings(
            document, at, playbook, self.bound, self.dialect, self.scenario.duration
        )
        return [
            *steps,
            *playbook_rights.warnings(document, at, playbook, organisation, plays),
        ]

    def oncall_warnings(self, document: Document, at: KeyPath, oncall: OnCall) -> list[Complaint]:
        """The warnings about an on-call file at a path of a document."""
        calendars = read_calendars(document, at, oncall)
        year = year_of(document, at, oncall, self.moment, calendars)
        return [
            *oncall_lint.warnings(year, asks_for_moment=self._asks_for_moment),
            *oncall_lint.scenario_warnings(
                year, self.scenario.plays, self.bound.alertmanager.receivers
            ),
        ]

    def rule_warnings(self, groups: list[RuleGroup]) -> list[Complaint]:
        """The warnings about another rule file."""
        return self._rule_warnings(groups, [*self.bound.groups, *groups])

    def _rule_warnings(
        self, groups: list[RuleGroup], all_groups: list[RuleGroup]
    ) -> list[Complaint]:
        possible = PossibleSeries(self.bound).add_rules(all_groups, self.dialect)
        return alerting_rules.warnings(groups, possible, self.dialect)

    def routing_warnings(self, text: str, name: str) -> list[Complaint]:
        """The warnings about another routing file."""
        return routing_tree.warnings(text, name, self.bound.oncall.receivers)
