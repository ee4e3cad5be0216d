"""Laws that every part keeps: a new file in a folder of parts is tested here at once.

A part brings its own example (`Part.example`); its other arguments follow from its fields:
the names that they refer to, their units, their choices. Each fault plays a drill of 62
minutes at full strength.
"""

import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import yaml
from pydantic import ValidationError

from simulator.actions import ACTIONS, ActionFailed, Effect
from simulator.analysis import Timeline
from simulator.debts import DEBTS, Snapshot
from simulator.faults import FAULTS, FaultTick, causes
from simulator.lint.playbook_steps import ArgumentNames
from simulator.monitors import MONITORS, MonitorView
from simulator.registry import (
    FreeText,
    describe,
    example_args,
    reference_of,
)
from simulator.run.events import EndedEvent, LandedEvent, MissedEvent
from simulator.scenario.rubric import Weights
from simulator.score import CAPABILITIES, MEASURES, Grading, rubric_of
from simulator.session import Session
from simulator.setting import parse
from simulator.setting.bind import bind_names
from simulator.setting.bound_scenario import monitoring_components
from simulator.setting.components import components
from simulator.units import IncidentType
from simulator.units.wording import singularize
from tests.small.playing import (
    MINUTE,
    SMALL,
    debts_owed,
    identical,
    play_orders,
    sample_bytes,
    session_after,
    simulated_events,
)

ONSET, LASTS, RETRAINED = 6, 54, 50
# Alerts that fail to notify.
ALERTS = {
    "alerting__rules": [str(Path(SMALL).parent / f"{name}.yml") for name in ("alerts", "later")]
}
# A retrain, which learns from bent rows and so makes a lasting debt.
RETRAIN = (RETRAINED, "retrain", {"window": "50m"})

faults = pytest.mark.parametrize("name", FAULTS.names())
actions = pytest.mark.parametrize("name", ACTIONS.names())
harmless = pytest.mark.parametrize(
    "name", [name for name, cls in ACTIONS.all().items() if cls.effect != "world"]
)
debts = pytest.mark.parametrize("name", DEBTS.names())
measures = pytest.mark.parametrize("name", MEASURES.names())
capabilities = pytest.mark.parametrize("name", CAPABILITIES.names())
monitors = pytest.mark.parametrize("name", MONITORS.names())


@pytest.fixture(scope="session")
def names():
    """The names that exist in the small drill, by kind: columns of its view first."""
    bound = bind_names(*parse(SMALL))
    viewed = [name for stage in bound.pipeline.stages.values() if stage.kind == "features"
              for name in stage.columns]  # fmt: skip
    columns = sorted(bound.dataset.columns, key=lambda column: column.name not in viewed)
    return {
        **components(bound.pipeline),
        **monitoring_components(bound.pipeline, bound.alertmanager.receivers),
        **ArgumentNames(bound).by_kind,
        "feature": [column.name for column in columns],
        "quantity": [column.name for column in columns if not column.categorical],
        "category": [column.name for column in columns if column.categorical],
        "alerts": ['alertname="Slow"'],
        "cause": causes(),
        "page": ["1"],
        "pod": ["0"],
        "build": ["8"],
        "version": ["7"],
    }


@pytest.fixture(scope="session")
def inject(names):
    """`inject(name, …)`: the example of a fault, as a scenario writes it."""

    def inject(name, args=None, **more):
        cls = FAULTS.get(name)
        target = {"target": names[cls.target_kind][0]} if names.get(cls.target_kind) else {}
        args = example_args(cls, names) | (args or {})
        return {"id": "it", "at": f"{ONSET}m", "fault": name, **target, "args": args, **more}

    return inject


def needed(name, registry=FAULTS):
    """What the pipeline needs for the example of a part, as changes of the small drill."""
    paths = registry.get(name).example_pipeline if name else {}
    return {
        f"pipeline__{path}".replace("__serving.", "__stages.serving.").replace(".", "__"): value
        for path, value in paths.items()
    }


def orders_for(name):
    """The orders on which a fault lands, and the retrain."""
    examples = FAULTS.get(name).example_orders
    return RETRAIN, *((RETRAINED, kind, args) for kind, args in examples)


# -- every part -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cls",
    [
        cls
        for registry in (FAULTS, ACTIONS, DEBTS, MONITORS, MEASURES, CAPABILITIES)
        for cls in registry.all().values()
    ],
    ids=lambda cls: cls.__name__,
)
def test_a_part_is_documented(cls):
    assert cls.kind == cls.__module__.rpartition(".")[2]
    entry = describe(cls)
    assert entry.about
    assert [field.name for field in entry.fields if not field.about] == []
    for field in entry.fields:
        # A number without a unit refers to something: a build, a version, a page.
        if field.type in ("a number", "a whole number") and not field.unit:
            assert reference_of(cls.model_fields[field.name]), field.name


@faults
def test_a_fault_survives_yaml(name, names):
    part = FAULTS.get(name)(target="feed", **example_args(FAULTS.get(name), names))
    again = yaml.safe_load(yaml.safe_dump(part.model_dump(mode="json", exclude_defaults=True)))
    assert FAULTS.get(name).model_validate(again) == part


@faults
def test_a_fault_rejects_an_unknown_argument(name, names):
    with pytest.raises(ValidationError):
        FAULTS.get(name)(**example_args(FAULTS.get(name), names), strenght=1)


# -- faults ---------------------------------------------------------------------------------


@faults
def test_a_fault_declares_its_type_and_its_debts(name, names):
    cls = FAULTS.get(name)
    assert isinstance(cls.type, IncidentType)
    assert not cls.target_kind or cls.target_kind in names
    assert set(cls.leaves) <= set(DEBTS)
    assert set(cls.ended_by) <= set(ACTIONS)


@faults
def test_an_owners_fix_ends_a_fault_that_declares_it(name, quiet, names):
    cls, world = FAULTS.get(name), quiet.world.clone()
    target = (names.get(cls.target_kind) or ["serving"])[0]
    world.revision = {target: 1, **world.revision}
    fault = cls.model_validate({"target": target, **example_args(cls, names)})
    before = fault.fact(world)
    world.revision = {name: revision + 1 for name, revision in world.revision.items()}
    assert (fault.fact(world) != before) == ("fix_upstream" in cls.ended_by)


@faults
def test_a_fault_only_bends(name, drill, inject):
    setting = drill(inject(name), **needed(name))
    fault, world, params = setting.injects[0].fault, setting.world, setting.params
    before, base = world.clone(), params.unbent()
    for since in (0, 5 * MINUTE):
        fault.bend(params.unbent(), world, FaultTick("it", since))
    fault.fact(world)
    assert identical(world.clone(), before)
    assert identical(params.unbent(), base)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        pytest.param(name, args, id=f"{name}-{i}")
        for name, cls in FAULTS.all().items()
        for i, args in enumerate(cls.neutral_args())
    ],
)
def test_no_strength_keeps_the_digest(name, args, drill, inject, short):
    run = play_orders(drill(inject(name, args), duration="12m", **needed(name)))
    calm, _ = short(name)
    assert simulated_events(run) == simulated_events(calm)
    assert sample_bytes(run) == sample_bytes(calm)


@pytest.mark.parametrize("at", ["6m", "8m15s"])
@faults
def test_a_fault_without_effect_has_not_landed(name, at, drill, inject, short):
    """A quarter of a minute in which no job run starts: one of `fill` started at minute 8.

    A fault that leaves world and series as they were has landed on nothing.
    """
    session = session_after(
        drill(inject(name, at=at, **{"for": "15s"}), duration="12m", **needed(name))
    )
    run, (calm, world) = session.finish(), short(name)
    if sample_bytes(run) == sample_bytes(calm) and identical(session.internals.world, world):
        assert list(run.of(LandedEvent)) == []


@pytest.fixture(scope="module")
def short(drill):
    """Twelve minutes without a fault, in the pipeline of a fault: the run, and its world after."""
    cache = {}

    def short(name):
        pipeline = needed(name)
        key = str(pipeline)
        if key not in cache:
            session = session_after(drill(duration="12m", **pipeline))
            cache[key] = session.finish(), session.internals.world
        return cache[key]

    return short


@pytest.fixture(scope="module")
def calm(drill):
    """62 minutes without a fault, with the same retraining as in the runs below."""
    cache = {}

    def calm(name):
        pipeline, orders = needed(name), orders_for(name)
        key = str((pipeline, orders))
        if key not in cache:
            cache[key] = play_orders(drill(duration="62m", **ALERTS, **pipeline), *orders)
        return cache[key]

    return calm


@pytest.fixture(scope="module")
def strongly(drill, inject):
    """The run of a fault at full strength for 54 minutes, played once."""
    cache = {}

    def strongly(name):
        if name not in cache:
            fault = inject(name, **{"for": f"{LASTS}m"})
            setting = drill(fault, duration="62m", **ALERTS, **needed(name))
            cache[name] = play_orders(setting, *orders_for(name))
        return cache[name]

    return strongly


@faults
def test_at_full_strength_it_lands_and_a_series_moves(name, strongly, calm):
    run = strongly(name)
    landed = list(run.of(LandedEvent))
    assert [event.name for event in landed] == [name]
    assert landed[0].t >= ONSET * MINUTE
    assert landed[0].units > 0
    assert list(run.of(MissedEvent)) == []
    still = sample_bytes(calm(name))
    assert any(sample_bytes(run)[table] != still[table] for table in still)


@faults
def test_it_is_in_the_component_of_its_target_or_names_one(name, quiet, drill, inject):
    fault = FAULTS.get(name)
    assert bool(fault.target_kind) != bool(fault.component)
    (bound,) = drill(inject(name), **needed(name)).injects
    component = quiet.graph.of_inject(bound)
    assert component == (bound.target or fault.component)
    assert component in quiet.graph.related


@faults
def test_with_for_it_ends_and_the_laws_are_the_base_again(name, strongly, drill, inject):
    (end,) = strongly(name).of(EndedEvent)
    assert (end.t, end.why) in [((ONSET + LASTS) * MINUTE, "for"), (end.t, "fact")]
    setting = drill(inject(name, **{"for": "5m"}), **needed(name))
    session = Session(setting, 1)
    world = session.internals.world
    session.internals.faults.start(setting.injects[0], world)
    world.now += 5 * MINUTE
    list(session.internals.faults.end_due(world))
    bent = setting.params.unbent()
    session.internals.faults.bend(bent, world)
    assert identical(bent, setting.params.unbent())


@faults
def test_it_leaves_the_debts_that_it_declares_and_no_other(name, strongly, calm):
    run = strongly(name)
    (end,) = run.of(EndedEvent)
    # The scrape a quarter of a minute later, before anybody can have paid.
    after = end.t / MINUTE + 0.25
    assert debts_owed(run, after) - debts_owed(calm(name), after) == set(FAULTS.get(name).leaves)


# -- actions --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def order(names):
    """`order(name, …)`: the example of an action, with further arguments."""

    def order(name, **args):
        cls = ACTIONS.get(name)
        return cls.model_validate(example_args(cls, names) | args)

    return order


def acted(session, action):
    """Do it at once: how long it took, and how it ended."""
    took = 0
    acting = action.act(session.site("ml", 1))
    try:
        while True:
            took += next(acting)
    except StopIteration as end:
        return took, "done", end.value
    except ActionFailed as error:
        return took, "failed", str(error)


@actions
def test_an_action_on_a_fresh_site_is_done_or_fails(name, quiet, order):
    session = Session(quiet, 1)
    took, state, note = acted(session, order(name))
    assert state in ("done", "failed")
    text = note[0] if isinstance(note, tuple) else note
    assert isinstance(text, str)
    assert text
    assert took >= 0
    if state == "done":
        assert (took == 0) == ACTIONS.get(name).instant


@actions
def test_a_text_of_an_action_refers_to_something_or_is_free(name, names):
    for key, info in ACTIONS.get(name).model_fields.items():
        reference = reference_of(info)
        assert reference is None or reference.to in names
        text = info.annotation in (str, tuple[str, ...])
        assert not text or reference or FreeText in info.metadata, key


@pytest.mark.parametrize(
    ("name", "args"),
    [
        pytest.param(name, args, id=f"{name}-{next(iter(args))}")
        for name, cls in ACTIONS.all().items()
        for args in cls.failing_args()
    ],
)
def test_an_action_that_fails_changes_nothing(name, args, quiet, order):
    session = Session(quiet, 1)
    before = session.internals.world.clone()
    _, state, note = acted(session, order(name, **args))
    assert state == "failed"
    assert re.search(r"nothing|10{6}|99", note)
    assert identical(session.internals.world, before)
    assert len(session.internals.alertmanager.silences) == 0


@actions
def test_an_action_declares_its_effect_and_whether_it_can_be_undone(name):
    cls = ACTIONS.get(name)
    assert cls.effect in get_args(Effect)
    assert cls.roles
    assert cls.reversible or cls.undo is None


@harmless
def test_an_action_that_is_talk_or_calls_people_changes_no_fact(name, quiet, order):
    session = Session(quiet, 1)
    before = session.internals.world.clone()
    acted(session, order(name))
    assert identical(session.internals.world, before)


@pytest.mark.parametrize("name", [name for name, cls in ACTIONS.all().items() if cls.leaves])
def test_an_action_leaves_its_debts_until_it_is_undone(name, drill, names):
    cls = ACTIONS.get(name)
    args = example_args(cls, names)
    orders = [(6, name, args)]
    if cls.undo is not None:
        kind, changes = cls.undo
        orders.append((10, kind, {**args, **changes} if kind == name else changes))
    run = play_orders(drill(duration="15m", **needed(name, ACTIONS)), *orders)
    assert debts_owed(run, 9) == set(cls.leaves)
    assert debts_owed(run) == set()


@pytest.mark.parametrize(
    "name", [name for name, cls in ACTIONS.all().items() if cls.effect == "world"]
)
def test_an_order_that_changes_the_world_acts_on_components(name, quiet, order):
    targets = quiet.graph.of_action(order(name))
    assert set(targets) <= set(quiet.graph.related)
    # The target of an inject is the fault's.
    assert bool(targets) != (name == "inject")


# -- debts ----------------------------------------------------------------------------------


@debts
def test_a_debt_is_left_by_a_fault_or_an_action_and_not_owed_in_a_quiet_world(name, quiet):
    leaving = [*FAULTS.all().values(), *ACTIONS.all().values()]
    assert any(name in cls.leaves for cls in leaving)
    world = quiet.world.clone()
    snapshot = Snapshot(world, quiet.params, 0, world.cluster.desired_replicas)
    assert not DEBTS.get(name)().is_owed(snapshot)


# -- measures -------------------------------------------------------------------------------


@measures
def test_a_measure_has_its_unit_and_a_value_or_a_reason(name, quiet, short):
    cls, (run, _) = MEASURES.get(name), short("")
    no_incidents = Timeline(run, {})
    no_incidents.incidents = ()
    for timeline in (Timeline(run, {}), no_incidents):
        measurement = cls().measure(Grading(timeline, rubric_of()))
        assert measurement.unit == cls.unit
        assert measurement.value is None or measurement.value >= 0
        assert (measurement.value is None) == bool(measurement.reason)
        assert measurement.value is not None or measurement.why
    assert cls.unit == "ratio" or singularize(cls.unit) != cls.unit


# -- capabilities ---------------------------------------------------------------------------


@capabilities
def test_a_capability_has_a_weight_and_a_score_or_a_reason(name, short):
    cls, (run, _) = CAPABILITIES.get(name), short("")
    assert name in Weights.model_fields
    assert set(cls.measures) <= set(MEASURES.names())
    no_incidents = Timeline(run, {})
    no_incidents.incidents = ()
    for timeline in (Timeline(run, {}), no_incidents):
        score = cls().score(Grading(timeline, rubric_of()))
        assert score.why
        assert score.value is None or 0 <= score.value <= 1


# -- monitors -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def monitor_of(names):
    """`monitor_of(name)`: the example of a monitor."""
    return lambda name: MONITORS.get(name).model_validate(example_args(MONITORS.get(name), names))


def evaluate(monitor, view, previous):
    """Its values; a monitor whose extra is not installed is skipped."""
    try:
        return monitor.evaluate(view, previous)
    except ImportError as error:
        pytest.skip(str(error))


@monitors
def test_a_monitor_has_as_many_values_as_series(name, quiet, monitor_of):
    monitor = monitor_of(name)
    world, params = quiet.world.clone(), quiet.params
    columns = params.pool.columns
    series = monitor.series(columns)
    assert len({(metric, *sorted(labels.items())) for metric, labels in series}) == len(series)
    values, memoized = np.full(len(series), np.nan), []
    for _ in range(4):
        values = np.asarray(evaluate(monitor, MonitorView(world, params), values))
        assert values.shape == (len(series),)
        assert not np.isinf(values).any()
        memoized.append(len(params.pool.memo))
    assert not np.isnan(values).all()
    # Values of reference rows are memoized once.
    assert len(set(memoized)) == 1


@monitors
def test_a_monitor_without_rows_raises_nothing(name, quiet, monitor_of):
    monitor = monitor_of(name)
    world = quiet.world.clone()
    world.now += 365 * 24 * 60 * MINUTE
    series = monitor.series(quiet.params.pool.columns)
    view, previous = MonitorView(world, quiet.params), np.full(len(series), np.nan)
    values = np.asarray(evaluate(monitor, view, previous))
    assert values.shape == (len(series),)
    assert not np.isinf(values).any()


def test_more_customers_than_can_be_drawn_are_rejected_before_the_run():
    with pytest.raises(ValidationError, match="9,000 requests per second, expected at most 8,192"):
        FAULTS.get("overload").model_validate({"rate": "9000/s"})
