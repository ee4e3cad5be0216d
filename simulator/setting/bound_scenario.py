"""A scenario with all names bound: its parts, data set, rules, routing and people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simulator.alerting.alertmanager import AlertmanagerConfig
from simulator.alerting.rulefile import RuleGroup
from simulator.datasets.dataset import Dataset
from simulator.director.injects import BoundInject
from simulator.director.objectives import Limit
from simulator.monitors import Monitor
from simulator.oncall.organisation import Organisation
from simulator.pipeline.monitoring import ALERTMANAGER, PROMETHEUS
from simulator.scenario import OnCall, Pipeline
from simulator.setting.components import ownable
from simulator.setting.scrape_targets import scrape_jobs


@dataclass(frozen=True, eq=False)
class BoundScenario:
    """A scenario whose names are bound.

    Attributes
    ----------
    organisation : Organisation
        Its teams also own the components that the pipeline assigns to them.
    files : mapping of str to str
        The text of each rule and routing file, by its name in the scenario, and of each calendar.
    display_paths : mapping of str to str
        The names of those files in messages.
    """

    pipeline: Pipeline
    organisation: Organisation
    dataset: Dataset
    injects: tuple[BoundInject, ...]
    monitors: tuple[Monitor, ...]
    groups: list[RuleGroup]
    alertmanager: AlertmanagerConfig
    objectives: Mapping[str, Limit]
    files: Mapping[str, str]
    display_paths: Mapping[str, str]

    @property
    def oncall(self) -> OnCall:
        """The on-call file."""
        return self.organisation.model

    @property
    def released_versions(self) -> tuple[int, ...]:
        """The versions of the model that injects release."""
        releases = [
            inject.args
            for inject in self.injects
            if (inject.type, inject.name) == ("change", "release")
        ]
        versions = [args.get("version") for args in releases]
        return tuple(int(version) for version in versions if version is not None)

    @property
    def integrations(self) -> list[str]:
        """The kinds of integrations of the receivers."""
        receivers = self.alertmanager.receivers.values()
        return sorted(
            {integration.kind for receiver in receivers for integration in receiver.integrations}
        )

    @property
    def monitoring(self) -> list[str]:
        """The names of monitoring components."""
        return monitoring_names(self.pipeline, self.alertmanager.receivers)

    @property
    def ownable(self) -> list[str]:
        """The names of everything that a team may own."""
        return [*self.pipeline.stages, *ownable(self.pipeline), *self.monitoring]


def calendar_key(schedule: str) -> str:
    """The name of a schedule's calendar among a scenario's files: two may have the same file name.

    Examples
    --------
    >>> calendar_key("primary")
    'calendar of primary'
    """
    return f"calendar of {schedule}"


def monitoring_names(pipeline: Pipeline, receivers: Iterable[str]) -> list[str]:
    """The names of monitoring components."""
    components = monitoring_components(pipeline, receivers).values()
    return list(dict.fromkeys(name for names in components for name in names))


def monitoring_components(pipeline: Pipeline, receivers: Iterable[str]) -> dict[str, list[str]]:
    """The names of monitoring components by kind: targets of faults."""
    return {
        PROMETHEUS: [PROMETHEUS],
        ALERTMANAGER: [ALERTMANAGER],
        "scrape": scrape_jobs(pipeline),
        "receiver": list(receivers),
    }
