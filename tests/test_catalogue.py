"""Every part gets its tests for nothing: a new file in a folder is tested here at once.

A fault's arguments are chosen by the names of fields, so that it needs no line here as long as
it calls a share `share`; an action's by what its fields say of themselves: what they refer to,
their unit, their choices. Each fault plays a drill of 75 minutes at full strength.
"""

import re
from pathlib import Path
from typing import get_args, get_origin

import numpy as np
import pytest
import yaml
from pydantic import ValidationError

from simulator.actions import ACTIONS, Failed
from simulator.debts import DEBTS
from simulator.faults import FAULTS, TYPES, Bite
from simulator.monitors import MONITORS, MonitorView
from simulator.registry import Refers, describe, unit_of
from simulator.score import MEASURES, incidents
from simulator.session import Session
from simulator.units.wording import singularize
from tests.small.story import MINUTE, alike, happened, left, owed, played, tables

# What a field is given where a part wants it or where nothing else would do harm.
FULL = {"feature": "x1", "rate": "80/s", "per_second": "4MiB", "build": 8, "version": 8, "cap": 100}
REQUIRED = {"factor": 100.0}
# A column of the view is not read anew once its job fails; any other one arrives at once.
SPECIAL = {"schema_change": {"feature": "x2"}, "garbled_encoding": {"feature": "region"}}
# A value at which a field bends nothing; those of a group only together.
NEUTRAL = (
    {"share": 0.0},
    {"rate": "0/s"},
    {"factor": 1.0, "offset": 0.0, "bias": 0.0, "per_second": "0B", "per_request": "0B"},
    {"build": 999},  # deployed nowhere
    {"version": 999},
    {"cap": 10**9},
)
# The kinds of things that a fault can bite on, and one of each.
TARGETS = {
    "source": "feed", "serving": "serving", "job": "fill", "credential": "store-key",
    "dependency": "store", "receiver": "pager", "scrape": "kserve",
    "alertmanager": "", "prometheus": "", "checkpoint_store": "bucket",
    "pool": "lane", "cluster": "cluster", "cpu": "serving", "gpu_memory": "serving",
    "volume": "scratch", "quota": "quota",
}  # fmt: skip
# What an action's field can refer to, and one of each that there is in the small drill.
THERE = {
    "job": "fill", "volume": "scratch", "pool": "lane", "feature view": "view", "feature": "x1",
    "component": "serving", "training run": "pretrain", "server": 0, "node": 0, "pod": 0,
    "team": "data", "person": "product", "thing": "feed", "page": 1, "cause": "data.unit_change",
}  # fmt: skip
# What is claimed is said, right or wrong: the cause, and what somebody is called about.
CLAIMS = {"cause", "about"}
# What is no name of anything: it is free text, and any text will do.
FREE = {"text", "component"}
# What has a language of its own, with a text in it that is none of it.
LANGUAGES = {"alerts": (["alertname=Slow"], ["no matcher"])}
# More than there can be, for what says so itself.
TOO_MANY = {"replicas": 10**6}
# What the pipeline needs besides, for some to bite on: batches that wait until there are many.
SERVING = "pipeline__stages__serving__"
PIPELINES = {
    "batch_growth": {
        "pipeline__traffic__rate": "20/s",
        f"{SERVING}queues": "per_replica",
        f"{SERVING}batching": {"max_size": 4, "max_wait": "1s", "further": 0.2},
        f"{SERVING}gpu_memory": {"size": "16GiB", "base": "6GiB", "per_request": "1GiB"},
    }
}
# These are said and not done: nobody waits for them.
TALK = {"acknowledge", "close", "declare", "diagnose"}

ONSET, LASTS, RETRAINED = 6, 54, 50
# Something to notify of, for what fails to.
SMALL = Path(__file__).parent / "small"
RULES = {"alerting__rules": [str(SMALL / "alerts.yml"), str(SMALL / "later.yml")]}
# What makes a lasting debt of bent rows.
LEARN = (RETRAINED, "retrain", {"window": "50m"})

faults = pytest.mark.parametrize("name", FAULTS.names())
actions = pytest.mark.parametrize("name", ACTIONS.names())
talk = pytest.mark.parametrize(
    "name", [name for name, cls in ACTIONS.all().items() if not cls.changes_world]
)
measures = pytest.mark.parametrize("name", MEASURES.names())
monitors = pytest.mark.parametrize("name", MONITORS.names())


def strong(name):
    """The arguments of a fault at full strength."""
    cls = FAULTS.get(name)
    weak = {
        key for key, info in cls.model_fields.items() if info.is_required() or info.default == 1.0
    }
    args = {key: value for key, value in FULL.items() if key in cls.model_fields}
    args |= {key: value for key, value in REQUIRED.items() if key in weak}
    if cls.on == "job" and "build" in args:
        args["build"] = 1  # jobs are at their first build
    return args | SPECIAL.get(name, {})


def inject(name, **more):
    """The fault as a scenario writes it."""
    target = TARGETS.get(FAULTS.get(name).on)
    where = {"target": target} if target else {}
    return {"id": "it", "at": f"{ONSET}m", "fault": name, **where, "args": strong(name), **more}


def neutral(name):
    """The arguments at which a fault bends nothing, one set for each of its strengths."""
    fields = FAULTS.get(name).model_fields
    found = [{key: one[key] for key in one if key in fields} for one in NEUTRAL]
    return [{**strong(name), **args} for args in found if args]


# -- every part -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cls",
    [cls for every in (FAULTS, ACTIONS, MONITORS, MEASURES) for cls in every.all().values()],
    ids=lambda cls: cls.__name__,
)
def test_a_part_says_what_it_is(cls):
    assert cls.kind == cls.__module__.rpartition(".")[2]
    entry = describe(cls)
    assert entry.about.endswith((".", ":")) or entry.about
    assert cls.__doc__
    assert [field.name for field in entry.fields if not field.about] == []
    # A number without a unit is a number of something countable: a build, a version, a page.
    bare = [field.name for field in entry.fields if field.type in ("a number", "a whole number")
            and not field.unit]  # fmt: skip
    assert set(bare) <= {"build", "version", "page", "pods"}


@faults
def test_a_fault_survives_yaml(name):
    part = FAULTS.get(name)(target="feed", **strong(name))
    again = yaml.safe_load(yaml.safe_dump(part.model_dump(mode="json", exclude_defaults=True)))
    assert FAULTS.get(name).model_validate(again) == part


@faults
def test_a_fault_refuses_what_it_does_not_know(name):
    with pytest.raises(ValidationError):
        FAULTS.get(name)(**strong(name), strenght=1)


# -- faults ---------------------------------------------------------------------------------


@faults
def test_a_fault_declares_its_type_and_its_debts(name, quiet):
    cls = FAULTS.get(name)
    assert cls.type in TYPES
    assert cls.on in ("", *TARGETS)
    assert set(cls.leaves) <= set(DEBTS)


@faults
def test_a_fault_only_bends(name, drill):
    setting = drill(inject(name), **PIPELINES.get(name, {}))
    fault, world, params = setting.injects[0].fault, setting.world, setting.params
    before, base = world.clone(), params.unbent()
    for since in (0, 5 * MINUTE):
        fault.bend(params.unbent(), world, Bite("it", since))
    fault.fact(world)
    assert alike(world.clone(), before)
    assert alike(params.unbent(), base)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        pytest.param(name, args, id=f"{name}-{i}")
        for name in FAULTS.names()
        for i, args in enumerate(neutral(name))
    ],
)
def test_no_strength_keeps_the_digest(name, args, drill, short):
    run = played(drill(inject(name, args=args), duration="12m", **PIPELINES.get(name, {})))
    calm, _ = short(name)
    assert happened(run) == happened(calm)
    assert tables(run) == tables(calm)


@pytest.mark.parametrize("at", ["6m", "8m15s"])
@faults
def test_what_had_no_effect_has_not_landed(name, at, drill, short):
    """A quarter of a minute, in which no run begins: one of `fill` began at minute 8.

    What leaves world and series as they were has bitten on nothing.
    """
    args = {"at": at, "for": "15s"}
    session = left(drill(inject(name, **args), duration="12m", **PIPELINES.get(name, {})))
    run, (calm, world) = session.finish(), short(name)
    if tables(run) == tables(calm) and alike(session.internals.world, world):
        assert list(run.of("landed")) == []


@pytest.fixture(scope="module")
def short(drill):
    """Twelve minutes without a fault, in the pipeline of one: the run, and its world after."""
    done = {}

    def short(name):
        key = name if name in PIPELINES else ""
        if key not in done:
            session = left(drill(duration="12m", **PIPELINES.get(name, {})))
            done[key] = session.finish(), session.internals.world
        return done[key]

    return short


@pytest.fixture(scope="module")
def calm(drill):
    """75 minutes without a fault, with the same retraining as in the runs below."""
    done = {}

    def calm(name):
        key = name if name in PIPELINES else ""
        if key not in done:
            more = {**RULES, **PIPELINES.get(name, {})}
            done[key] = played(drill(duration="75m", **more), LEARN)
        return done[key]

    return calm


@pytest.fixture(scope="module")
def strongly(drill):
    """The run of a fault at full strength for 54 minutes, played once."""
    done = {}

    def strongly(name):
        if name not in done:
            more = {**RULES, **PIPELINES.get(name, {})}
            setting = drill(inject(name, **{"for": f"{LASTS}m"}), duration="75m", **more)
            done[name] = played(setting, LEARN)
        return done[name]

    return strongly


@faults
def test_at_full_strength_it_lands_and_a_series_moves(name, strongly, calm):
    run = strongly(name)
    landed = list(run.of("landed"))
    assert [event.data["name"] for event in landed] == [name]
    assert landed[0].t >= ONSET * MINUTE
    assert landed[0].data["units"] > 0
    assert list(run.of("missed")) == []
    still = tables(calm(name))
    assert any(tables(run)[table] != still[table] for table in still)


@faults
def test_with_for_it_ends_and_the_laws_are_the_base_again(name, strongly, drill, quiet):
    (end,) = strongly(name).of("ended")
    assert (end.t, end.data["why"]) in [((ONSET + LASTS) * MINUTE, "for"), (end.t, "fact")]
    setting = drill(inject(name, **{"for": "5m"}), **PIPELINES.get(name, {}))
    session = Session(setting, 1)
    world = session.internals.world
    session.internals.faults.begin(setting.injects[0], world)
    world.now += 5 * MINUTE
    list(session.internals.faults.end_due(world))
    bent = setting.params.unbent()
    session.internals.faults.bend(bent, world)
    assert alike(bent, setting.params.unbent())


@faults
def test_it_leaves_what_it_declares_and_nothing_else(name, strongly, calm):
    run = strongly(name)
    (end,) = run.of("ended")
    # A quarter of a minute later it is measured, and nobody has had time to pay.
    after = end.t / MINUTE + 0.25
    assert owed(run, after) - owed(calm(name), after) == set(FAULTS.get(name).leaves)


# -- actions --------------------------------------------------------------------------------


def ordered(name, **more):
    """An action with the arguments that it needs."""
    fields = ACTIONS.get(name).model_fields
    args = {key: some(key, info) for key, info in fields.items() if info.is_required()}
    if name == "release":
        args["version"] = 7
    return ACTIONS.get(name).model_validate({**args, **more})


def refers(info):
    """What kind of thing a field names, empty for none."""
    return next((mark.to for mark in info.metadata if isinstance(mark, Refers)), "")


def some(key, info):
    """A value for a field that has none by default."""
    unit, choices, to = unit_of(info), get_args(info.annotation), refers(info)
    if to:
        return LANGUAGES[to][0] if to in LANGUAGES else THERE[to]
    if choices:
        return choices[0]
    return "as it stands" if unit is None else 3 if unit.base == "count" else unit.example


def wrong(info, key):
    """Values of a field with which an order is definitely refused, one or none."""
    to, several = refers(info), get_origin(info.annotation) is tuple
    if to in LANGUAGES:
        return [LANGUAGES[to][1]]
    if to and not CLAIMS & {to, key}:
        nothing = "nothing" if isinstance(THERE[to], str) else 99
        return [[nothing] if several else nothing]
    return [TOO_MANY[key]] if key in TOO_MANY else []


def acted(session, action):
    """Do it at once: how long it took, and how it ended."""
    took = 0
    acting = action.act(session.site("ml", 1))
    try:
        while True:
            took += next(acting)
    except StopIteration as end:
        return took, "done", end.value
    except Failed as error:
        return took, "failed", str(error)


@actions
def test_an_action_on_a_fresh_site_is_done_or_fails(name, quiet):
    session = Session(quiet, 1)
    took, state, note = acted(session, ordered(name))
    assert state in ("done", "failed")
    text = note[0] if isinstance(note, tuple) else note
    assert isinstance(text, str)
    assert text
    assert took >= 0
    if state == "done":
        assert (took > 0) == (name not in TALK)


@actions
def test_an_action_says_of_every_text_what_it_names(name):
    for key, info in ACTIONS.get(name).model_fields.items():
        assert refers(info) in ("", *THERE, *LANGUAGES)
        text = info.annotation in (str, tuple[str, ...])
        assert not text or refers(info) or key in FREE, key


# A field each: an action that names nothing has none that is wrong by itself.
@pytest.mark.parametrize(
    ("name", "args"),
    [
        pytest.param(name, {key: value}, id=f"{name}-{key}")
        for name, cls in ACTIONS.all().items()
        for key, info in cls.model_fields.items()
        for value in wrong(info, key)
    ],
)
def test_an_action_that_fails_changes_nothing(name, args, quiet):
    session = Session(quiet, 1)
    before = session.internals.world.clone()
    more = {"version": None, "build": 9} if name == "release" else {}
    _, state, note = acted(session, ordered(name, **args, **more))
    assert state == "failed"
    assert re.search(r"nothing|10{6}|99|no matcher", note)
    assert alike(session.internals.world, before)
    assert len(session.internals.alertmanager.silences) == 0


@talk
def test_an_action_that_is_talk_changes_no_fact(name, quiet):
    session = Session(quiet, 1)
    before = session.internals.world.clone()
    acted(session, ordered(name))
    assert alike(session.internals.world, before)


# -- measures -------------------------------------------------------------------------------


@measures
def test_a_measure_has_its_unit_and_a_value_or_a_reason(name, quiet, short):
    cls, (run, _) = MEASURES.get(name), short("")
    for found in (incidents(run, {}), []):
        measure = cls().measure(run, found, {})
        assert measure.unit == cls.unit
        assert measure.value is None or measure.value >= 0
        assert measure.value is not None or measure.why
    assert cls.unit == "ratio" or singularize(cls.unit) != cls.unit


# -- monitors -------------------------------------------------------------------------------


def monitored(name):
    """A monitor with the arguments that it needs."""
    rules = [{"rule": "low", "feature": "x1", "max": 1.0}]
    return MONITORS.get(name).model_validate({"rules": rules} if name == "validation" else {})


def evaluate(monitor, seen, before):
    """What it says; one whose extra is not installed is tested where it is."""
    try:
        return monitor.evaluate(seen, before)
    except ImportError as error:
        pytest.skip(str(error))


@monitors
def test_a_monitor_says_as_many_numbers_as_it_has_series(name, quiet):
    monitor = monitored(name)
    world, params = quiet.world.clone(), quiet.params
    columns = params.pool.columns
    series = monitor.series(columns)
    assert len({(metric, *sorted(labels.items())) for metric, labels in series}) == len(series)
    values, held = np.full(len(series), np.nan), []
    for _ in range(4):
        values = np.asarray(evaluate(monitor, MonitorView(world, params), values))
        assert values.shape == (len(series),)
        assert not np.isinf(values).any()
        held.append(len(params.pool.memo))
    assert not np.isnan(values).all()
    # What is remembered of reference rows is remembered once.
    assert len(set(held)) == 1


@monitors
def test_a_monitor_without_rows_raises_nothing(name, quiet):
    monitor = monitored(name)
    world = quiet.world.clone()
    world.now += 365 * 24 * 60 * MINUTE
    series = monitor.series(quiet.params.pool.columns)
    values = np.asarray(
        evaluate(monitor, MonitorView(world, quiet.params), np.full(len(series), np.nan))
    )
    assert values.shape == (len(series),)
    assert not np.isinf(values).any()


def test_more_customers_than_can_be_drawn_are_refused_before_the_run():
    with pytest.raises(ValidationError, match="9,000 requests per second, expected at most 8,192"):
        FAULTS.get("overload").model_validate({"rate": "9000/s"})
