"""The header of a run, from its setting and its players."""

import math
import platform
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from simulator import __version__
from simulator.actions import ACTIONS
from simulator.director.fault_debts import debts_against
from simulator.director.fault_needs import fault_owner
from simulator.director.hops import fewest_hops
from simulator.director.injects import BoundInject
from simulator.director.ladder import severity_ladder
from simulator.director.objectives import RATIOS, Limit
from simulator.oncall.organisation import Organisation
from simulator.run import Header, Player
from simulator.run.header import (
    ActionKind,
    Expectations,
    GradedObjective,
    PlannedFault,
    PolicyStage,
    SeverityStep,
)
from simulator.scenario.expect import Expect
from simulator.scenario.policy import Level
from simulator.setting import Setting
from simulator.setting.playbook_graph import playbook_graph

# An objective may be outside for a tenth of the drill, unless the scenario states a budget.
DEFAULT_BUDGET = 10


def make_header(
    setting: Setting,
    seed: int,
    players: Sequence[Player],
    responder: str,
    twin: str,
    injects: Iterable[BoundInject],
    reference: bool,
    command: str,
) -> Header:
    """The header of a run.

    Parameters
    ----------
    responder : str
        The name of the responder.
    twin : str
        Empty for the run itself.
    injects : iterable of BoundInject
        The injects that this run will have.
    reference : bool
        Whether the scenario's reference playbook answers.
    command : str
        The command that runs the drill again.
    """
    scenario, playbook = setting.scenario, setting.reference_playbook
    return Header(
        t=0,
        who="run",
        scenario=scenario.name,
        version=scenario.version,
        title=scenario.title,
        type=scenario.type,
        family=scenario.family or "",
        seed=seed,
        responder=responder,
        twin=twin,
        plays=scenario.plays,
        players=tuple(players),
        reference=reference,
        command=command,
        starts_at=scenario.starts_at.isoformat(),
        duration=scenario.duration,
        warm_up=scenario.warm_up,
        tick=scenario.tick,
        scrape=scenario.scrape_interval,
        hold=scenario.hold,
        objectives={
            name: _graded(limit, scenario.duration) for name, limit in setting.objectives.items()
        },
        expect=_expectations(scenario.expect),
        faults=tuple(_planned_faults(injects, setting)),
        needs=setting.needs,
        hops=fewest_hops(setting.organisation, scenario.plays),
        owners=_owners(setting.organisation, scenario.plays),
        policies=dict(_policies(setting.organisation)),
        ladder=severity_ladder(setting.oncall),
        playbook=None if playbook is None else playbook_graph(playbook),
        related=setting.graph.related,
        actions={name: _action_kind(name) for name in ACTIONS.names()},
        programs={
            "ml-gameday": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
    )


def _planned_faults(injects: Iterable[BoundInject], setting: Setting) -> Iterator[PlannedFault]:
    for inject in injects:
        if inject.fault is not None:
            yield PlannedFault(
                inject.id,
                inject.name,
                inject.fault.type,
                inject.target,
                at=inject.at if inject.when is None else None,
                owner=fault_owner(inject, setting.organisation),
                component=setting.graph.of_inject(inject),
                removable=bool(inject.fault.ended_by),
                held_off_by=debts_against(inject.fault),
            )


def _owners(organisation: Organisation, plays: str) -> dict[str, str]:
    """The team that owns each component that is not the played team's."""
    teams = organisation.model.teams.items()
    return {name: team for team, model in teams if team != plays for name in model.owns}


def _policies(organisation: Organisation) -> Iterator[tuple[str, tuple[PolicyStage, ...]]]:
    """The levels of each team's escalation policy; a team with members has none."""
    model = organisation.model
    for name, team in model.teams.items():
        if team.policy is not None:
            levels = model.policies[team.policy].levels
            yield name, tuple(PolicyStage(_paged(level), level.after) for level in levels)


def _paged(level: Level) -> tuple[str, ...]:
    return tuple(name for target in level.page for name in target.names)


def _action_kind(name: str) -> ActionKind:
    action = ACTIONS.get(name)
    return ActionKind(action.effect, action.reversible, action.leaves)


def _graded(limit: Limit, duration: int) -> GradedObjective:
    return GradedObjective(
        unit="ratio" if limit.name in RATIOS else "seconds",
        window=limit.window,
        min=limit.low if math.isfinite(limit.low) else None,
        max=limit.high if math.isfinite(limit.high) else None,
        budget=duration // DEFAULT_BUDGET if limit.budget is None else limit.budget,
        weight=limit.weight,
    )


def _expectations(expect: Expect) -> Expectations:
    cause = expect.cause
    return Expectations(
        cause=(cause,) if isinstance(cause, str) else cause or (),
        owner=expect.owner,
        inform=expect.inform,
        mitigate_within=expect.mitigate_within,
        acknowledge_within=expect.acknowledge_within,
        recover_within=expect.recover_within,
        must_page=expect.must_page,
        must_not=expect.must_not,
        budget=dict(expect.budget),
        severity=tuple(SeverityStep(step.from_, str(step.is_)) for step in expect.severity),
        acceptable=expect.acceptable,
    )
