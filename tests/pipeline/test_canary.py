"""Canary versions of the model: their share of the requests, their monitor, their end."""

import dataclasses

import numpy as np
import pytest

from simulator.monitors import MONITORS
from simulator.pipeline.jobs.scheduler import Work
from simulator.pipeline.model import releases, retraining, scoring
from simulator.pipeline.sample import Sample
from tests.monitors.rows import MINUTE, Rows, mixture, mixture_model, model_of, phi
from tests.small.playing import action_outcomes, play_orders

SHARE = 0.2


@pytest.fixture
def shop(quiet):
    """The champion predicts 84 % correctly; version 2 predicts the opposite."""
    rows = Rows(quiet, mixture(20_000), mixture_model())
    rows.world.versions[2] = model_of([-2.0], version=2)
    return rows


def variants(shop):
    monitor = MONITORS.get("canary")(window="1h")
    view = shop.view
    values = monitor.evaluate(view, np.full(6, np.nan)).reshape(2, 3)
    return dict(zip(("canary", "control"), values.tolist(), strict=True))


def test_a_canary_answers_its_share_only(shop):
    good = phi(1.0)
    releases.deploy(shop.world, "model", 2, SHARE)
    sample = shop.score(40_000)
    expected = (1 - SHARE) * good + SHARE * (1 - good)
    assert sample.correct / sample.scored == pytest.approx(expected, abs=0.01)
    assert shop.world.log.canary.sum() / 40_000 == pytest.approx(SHARE, abs=0.01)


def test_customers_of_a_small_canary_are_customers_of_a_larger_one(shop):
    ids = np.arange(5_000.0)
    releases.deploy(shop.world, "model", 2, 0.1)
    small = scoring.canary_mask(shop.world, ids, seed=3)
    releases.deploy(shop.world, "model", 2, 0.3)
    large = scoring.canary_mask(shop.world, ids, seed=3)
    assert small.sum() < large.sum()
    assert (large >= small).all()


def test_the_monitor_separates_a_bad_canary_from_its_control(shop):
    releases.deploy(shop.world, "model", 2, SHARE)
    shop.score(40_000)
    shop.world.now += 2 * MINUTE  # labels arrive at the end of the minute
    shop.join()
    values = variants(shop)
    assert values["canary"][0] == pytest.approx(1 - phi(1.0), abs=0.02)
    assert values["control"][0] == pytest.approx(phi(1.0), abs=0.02)
    assert values["canary"][1] + values["control"][1] == 40_000
    # Predictions show a difference at once, labels only later.
    assert values["canary"][2] == pytest.approx(0.5, abs=0.03)


def test_without_a_canary_its_series_are_nan(shop):
    shop.score(1_000)
    values = variants(shop)
    assert np.isnan(values["canary"]).tolist() == [True, False, True]
    assert values["canary"][1] == 0


def test_a_rollback_withdraws_the_canary_and_leaves_the_champion(shop):
    releases.deploy(shop.world, "model", 2, SHARE)
    assert releases.roll_back(shop.world, "model") == 1
    assert (shop.world.releases.canary, shop.world.releases.model) == (0, 1)
    shop.score(1_000)
    assert not shop.world.log.canary.any()


def test_a_released_canary_is_the_champion(shop):
    releases.deploy(shop.world, "model", 2, SHARE)
    releases.deploy(shop.world, "model", 2)
    assert (shop.world.releases.canary, shop.world.releases.model) == (0, 2)
    assert releases.roll_back(shop.world, "model") == 1


def test_actions_and_series_of_a_canary(quiet):
    former = min(quiet.world.versions)
    run = play_orders(
        quiet,
        (6, "release", {"version": former, "share": 0.1}),
        (12, "rollback", {"target": "model"}),
    )
    assert [state for kind, state in action_outcomes(run) if kind in ("release", "rollback")] == [
        "done"
    ] * 2
    series = [str(label_set) for label_set in run.series["0.series"].tolist()]
    canary = next(i for i, label_set in enumerate(series) if '"alias": "canary"' in label_set)
    info = run.series["0.values"][:, canary]
    present = info == 1.0
    minutes = run.series["0.times"][present] / MINUTE
    assert 7.5 <= minutes.min() <= 8
    assert 13 <= minutes.max() <= 13.5
    assert np.isnan(info[~present]).all()


def test_a_version_that_passed_its_gate_starts_as_a_canary(quiet):
    world = quiet.world.clone()
    champion = world.releases.model
    world.trained[99] = {"gate": True}
    world.versions[99] = world.versions[champion]
    params = dataclasses.replace(quiet.params, canary_share=0.05)
    note = retraining.release(
        world, params, Work(params.jobs[0], {}, world.now, 1, Sample(world.now, 0))
    )
    assert note == "Alias canary now points to version 99, for 5%."
    assert (world.releases.model, world.releases.canary) == (champion, 99)
