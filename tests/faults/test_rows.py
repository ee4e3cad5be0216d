"""What faults of data and labels do to rows: where they land, and what follows from that."""

from datetime import UTC, datetime

import numpy as np
import pytest

from simulator.faults import FAULTS, FaultTick
from simulator.monitors import MONITORS
from simulator.pipeline.jobs.laws import JobLaw
from simulator.pipeline.jobs.scheduler import Work
from simulator.pipeline.model import feature_store, labels, learner, retraining, scoring
from simulator.pipeline.requests import COLUMNS, ID, ROW
from simulator.pipeline.rows import Column
from simulator.pipeline.sample import Sample
from simulator.pipeline.traffic.laws import Burst
from simulator.units.cron import Cron
from tests.monitors.rows import HOUR, MINUTE, Rows, mixture, mixture_model, model_of, phi, pool_of

COUNT = 20_000
# Four standard errors of a share of so many rows, at most.
NEAR = 4 * 0.5 / COUNT**0.5


class Bent(Rows):
    """Rows that are scored while faults bite."""

    def laws(self, *faults, since=0):
        params = self.params.unbent()
        for number, fault in enumerate(faults):
            fault.bend(params, self.world, FaultTick(f"it{number}", since))
        return params

    def ask(self, *faults, count=COUNT, since=0, slot=0):
        """So many requests are answered in a minute: the sample, and the rows as logged."""
        params = self.laws(*faults, since=since)
        answered = np.zeros((count, COLUMNS))
        answered[:, ID] = np.arange(count) + 10**6
        answered[:, ROW] = (np.arange(count) + 0.5) / count
        self.world.now += MINUTE
        sample = Sample(t=self.world.now - MINUTE, dt=MINUTE)
        slots = np.broadcast_to(slot, count)
        scoring.score(self.world, params, answered, slots, 7, sample)
        return sample, self.logged()

    def logged(self):
        """The rows of the last minute, in the order in which they asked."""
        found = labels.recent(self.world.log, self.world.now - MINUTE, self.world.now)
        return self.world.log.rows[found], self.world.log.label[found]

    def scores(self):
        """What they were answered."""
        found = labels.recent(self.world.log, self.world.now - MINUTE, self.world.now)
        return self.world.log.score[found]

    def joined(self):
        """Labels, right ones and positive ones that have come back by now."""
        before = self.world.labels.arrived.copy()
        self.join()
        return (self.world.labels.arrived - before)[:3]


@pytest.fixture
def normal(quiet):
    """Two standard normal columns and an hour; the first decides."""
    dice = np.random.default_rng(3)
    rows = np.column_stack([dice.standard_normal((COUNT, 2)), dice.integers(0, 24, COUNT)])
    columns = (Column("x0"), Column("x1"), Column("hour"))
    pool = pool_of(rows, rows[:, 0] + 0.5 * dice.standard_normal(COUNT) > 0, columns)
    return lambda: Bent(quiet, pool, model_of([1.0, 0.0, 0.0]))


def made(name, **args):
    return FAULTS.get(name)(**{"target": "feed", **args})


def asked_of(pool, count=COUNT):
    """Which rows of the pool those requests are about."""
    return (((np.arange(count) + 0.5) / count) * len(pool.rows)).astype(int)


# -- what is said of rows -------------------------------------------------------------------


def test_a_default_masks_nulls(normal):
    rows = normal()
    sample, (said, _) = rows.ask(made("default_values", feature="x0", share=0.3))
    assert not np.isnan(said).any()
    assert (said[:, 0] == 0).mean() == pytest.approx(0.3, abs=NEAR)
    assert sample.hits["it0"] == (said[:, 0] == 0).sum()
    was = rows.params.pool.rows[asked_of(rows.params.pool)]
    assert np.array_equal(said[:, 1:], was[:, 1:])


def test_an_integer_has_no_fraction(normal):
    rows = normal()
    _, (said, _) = rows.ask(made("type_change", feature="x0"))
    was = rows.params.pool.rows[asked_of(rows.params.pool)]
    assert np.array_equal(said[:, 0], np.trunc(was[:, 0]))


def test_hours_go_round(normal):
    rows = normal()
    _, (said, _) = rows.ask(made("time_zone_shift", feature="hour", hours=-5))
    was = rows.params.pool.rows[asked_of(rows.params.pool)]
    assert np.array_equal(said[:, 2], (was[:, 2] - 5) % 24)
    # Over a whole day its distribution is what it was.
    found = rows.evaluate(MONITORS.get("psi")(window="1m"))
    assert found["ml_feature_psi", "hour"] < 0.01
    assert not made("time_zone_shift", feature="hour", hours=24).bend(
        rows.params, rows.world, FaultTick("it", 0)
    )
    assert rows.params.bends.row_laws == []


@pytest.fixture
def shops(quiet):
    """One category of three levels, of which the model knows the weights."""
    dice = np.random.default_rng(5)
    code = dice.integers(0, 3, COUNT).astype(float)
    label = dice.random(COUNT) < np.array([0.2, 0.5, 0.9])[code.astype(int)]
    pool = pool_of(code[:, None], label, (Column("shop", ("a", "b", "c")),))
    model = learner.fit(pool.rows, pool.label, pool.columns, 1)
    return Bent(quiet, pool, model)


def test_what_cannot_be_read_is_a_level_of_its_own(shops):
    sample, (said, _) = shops.ask(made("garbled_encoding", feature="shop", share=0.4))
    garbled = said[:, 0] == 3
    assert garbled.mean() == pytest.approx(0.4, abs=NEAR)
    assert sample.hits["it0"] == garbled.sum()
    # No null, and no weight either: it counts as the first level.
    model = shops.world.versions[1]
    assert np.array_equal(model.logit(np.array([[3.0]])), model.logit(np.array([[0.0]])))
    found = shops.evaluate(MONITORS.get("psi")(window="1m"))
    assert found["ml_feature_psi", "shop"] > 0.25
    rules = [{"rule": "known", "feature": "shop", "type": "category"}]
    counted = shops.evaluate(MONITORS.get("validation")(rules=rules))
    assert counted["ml_validation_failures_total", "known"] == garbled.sum()
    for name in ("chi_squared", "jensen_shannon"):
        assert (
            shops.evaluate(MONITORS.get(name)(window="1m"))[f"ml_feature_{name}_pvalue", "shop"]
            < 1e-6
        )


def test_a_bad_tenant_is_wrong_about_itself_alone(normal):
    rows = normal()
    tenant = made("bad_tenant", tenant="hour", low=3, high=5, feature="x0", mislabelled=0.5)
    _, (said, label) = rows.ask(tenant)
    pool = rows.params.pool
    was, truth = pool.rows[asked_of(pool)], pool.label[asked_of(pool)]
    own = (was[:, 2] >= 3) & (was[:, 2] <= 5)
    assert np.array_equal(said[~own], was[~own])
    assert np.array_equal(said[own, 0], -was[own, 0])
    assert np.array_equal(label[~own], truth[~own])
    assert label[own & (truth == 1)].mean() == pytest.approx(0.5, abs=0.07)
    # Who trains on everybody's rows spoils the model for all.
    alone = learner.fit(was, truth, pool.columns, 2)
    together = learner.fit(said, label, pool.columns, 3)
    good, bad = (learner.accuracy(one, was[~own], truth[~own]) for one in (alone, together))
    assert bad < good


# -- what is recorded of what became of them ------------------------------------------------


def test_a_late_label_is_not_there_before(quiet):
    rows = Bent(quiet, mixture(COUNT), mixture_model(), room=2 * COUNT)
    rows.ask(made("label_delay", by="2h", share=0.5))
    rows.world.now += 90 * MINUTE
    assert rows.joined()[0] / COUNT == pytest.approx(0.5, abs=NEAR)
    rows.world.now += 31 * MINUTE
    assert rows.joined()[0] / COUNT == pytest.approx(0.5, abs=NEAR)


def test_a_label_may_be_a_week_late(quiet):
    rows = Bent(quiet, mixture(COUNT, lag_ms=labels.LONGEST_LAG), mixture_model(), room=2 * COUNT)
    rows.ask(made("label_delay", by="48h"))
    for _ in range(7 * 24 * 12 - 1):
        rows.world.now += 5 * MINUTE
        assert rows.joined()[0] == 0
    rows.world.now += 10 * MINUTE
    assert rows.joined()[0] == COUNT
    with pytest.raises(ValueError, match=r"expected '2d' or less"):
        made("label_delay", by="49h")


def test_corrupted_labels_hide_that_the_model_is_right(quiet):
    rows = Bent(quiet, mixture(COUNT), mixture_model(), room=COUNT)
    clean, _ = rows.ask()
    rows.world.now += MINUTE
    rows.joined()
    sample, _ = rows.ask(made("label_corruption", share=0.4))
    assert sample.correct == clean.correct
    rows.world.now += MINUTE
    total, right, positive = rows.joined()
    a = phi(1.0)
    # Of the positive half, 40 % are now judged the other way round.
    assert right / total == pytest.approx(a / 2 + (0.6 * a + 0.4 * (1 - a)) / 2, abs=NEAR)
    assert positive / total == pytest.approx(0.3, abs=NEAR)


def test_what_is_not_joined_in_time_is_a_no(quiet):
    pool = mixture(COUNT)
    lag = np.where(np.arange(COUNT) % 4 == 0, 3 * HOUR, 10 * MINUTE).astype(float)
    rows = Bent(quiet, type(pool)(**{**vars(pool), "lag_ms": lag}), mixture_model(), room=COUNT)
    sample, (_, label) = rows.ask(made("join_misses", window="1h"))
    truth = rows.params.pool.label[asked_of(rows.params.pool)]
    late = np.arange(COUNT) % 4 == 0
    assert np.array_equal(label, np.where(late, 0, truth))
    assert sample.hits["it0"] == (truth[late] == 1).sum()
    rows.world.now += HOUR + MINUTE
    assert rows.joined()[0] == COUNT


def test_a_model_that_decides_what_is_seen_looks_better_and_learns_to_say_no(quiet):
    rows = Bent(quiet, mixture(COUNT), mixture_model(), room=COUNT)
    rates, measured, true = [], [], []
    for version in range(1, 5):
        sample, (said, label) = rows.ask(made("feedback_loop"))
        model = rows.world.versions[version]
        rates.append(float((model.logit(said) > 0).mean()))
        measured.append(learner.accuracy(model, said, label))
        true.append(sample.correct / sample.scored)
        rows.world.versions[version + 1] = learner.fit(
            said, label, rows.params.pool.columns, version + 1
        )
        rows.world.releases.model = version + 1
    assert measured[0] > true[0] + 0.05
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < rates[0] - 0.05
    assert true == sorted(true, reverse=True)


def test_a_column_that_tells_the_outcome_fools_whoever_learns_it(normal):
    rows = normal()
    clean, _ = rows.ask()
    sample, (said, label) = rows.ask(made("label_leakage", feature="x1", strength=3))
    # What was served was right.
    assert sample.correct == clean.correct
    pool = rows.params.pool
    fooled = learner.fit(said, label, pool.columns, 2)
    assert (
        learner.accuracy(fooled, said, label)
        > learner.accuracy(rows.world.versions[1], said, label) + 0.05
    )
    assert learner.accuracy(fooled, pool.rows, pool.label) < clean.correct / COUNT - 0.05


def test_a_row_delivered_twice_counts_twice(quiet):
    rows = Bent(quiet, mixture(COUNT), mixture_model(), room=3 * COUNT)
    sample, (said, label) = rows.ask(made("duplicate_rows", share=0.5))
    rows.world.now += MINUTE
    assert sample.scored == COUNT
    assert len(said) / COUNT == pytest.approx(1.5, abs=NEAR)
    assert len(np.unique(said)) == COUNT
    assert len(label) == len(said)
    assert rows.joined()[0] == len(said)
    rules = [{"rule": "once", "duplicates": 0}]
    rows.world.now -= MINUTE
    counted = rows.evaluate(MONITORS.get("validation")(rules=rules))
    assert counted["ml_validation_failures_total", "once"] == len(said) - COUNT


def test_copies_make_a_detector_too_sure(quiet):
    pool = pool_of(np.random.default_rng(8).standard_normal((100_000, 1)))
    believed = {}
    for share in (0.0, 1.0):
        found = []
        for seed in range(60):
            rows = Bent(quiet, pool, room=5000)
            params = rows.laws(made("duplicate_rows", share=share, more=4))
            answered = np.zeros((500, COLUMNS))
            answered[:, ID] = np.arange(500)
            answered[:, ROW] = np.random.default_rng(seed).random(500)
            rows.world.now += MINUTE
            sample = Sample(t=rows.world.now - MINUTE, dt=MINUTE)
            scoring.score(rows.world, params, answered, np.zeros(500, int), seed, sample)
            found.append(
                rows.evaluate(MONITORS.get("ks")(window="1m", correction="none"))[
                    "ml_feature_ks_pvalue", "x0"
                ]
            )
        believed[share] = float(np.mean(np.less(found, 0.05)))
    assert believed[0.0] < 0.15
    assert believed[1.0] > 0.4


# -- who asks -------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_one_outcome_becomes_more_frequent(quiet, share):
    rows = Bent(quiet, mixture(COUNT), mixture_model(), room=COUNT)
    sample, (said, label) = rows.ask(made("prior_shift", share=share))
    assert label.mean() == pytest.approx(0.5 + 0.5 * share, abs=NEAR)
    # Who is positive looks as before, so accuracy stays where both outcomes are as hard.
    assert said[label == 1, 0].mean() == pytest.approx(1.0, abs=0.05)
    assert sample.correct / COUNT == pytest.approx(phi(1.0), abs=NEAR)


@pytest.mark.parametrize(
    "profile, shares",
    [
        ({}, [0.6, 0.6, 0.6, 0.6]),
        ({"ramp": "4h"}, [0.0, 0.15, 0.3, 0.6]),
        ({"period": "4h"}, [0.6, 0.6, 0.0, 0.6]),
        ({"period": "4h", "shape": "wave"}, [0.0, 0.3, 0.6, 0.0]),
        ({"period": "4h", "ramp": "8h"}, [0.0, 0.075, 0.0, 0.3]),
    ],
)
@pytest.mark.parametrize("name", ["prior_shift", "covariate_shift", "concept_drift"])
def test_a_change_is_sudden_gradual_recurring_or_seasonal(normal, name, profile, shares):
    rows = normal()
    args = {} if name == "prior_shift" else {"feature": "x0"}
    fault = made(name, share=0.6, **args, **profile)
    for hour, share in zip((0, 1, 2, 4), shares, strict=True):
        params = rows.laws(fault, since=hour * HOUR)
        law = next(iter([*params.bends.mix_laws, *params.bends.label_laws]), None)
        assert (law.share if law else 0.0) == pytest.approx(share)


# -- what the store holds -------------------------------------------------------------------

EVERY, CHANGES = 10 * MINUTE, 6 * HOUR
MIDNIGHT = Cron("0 0 * * *", datetime(2026, 3, 9, tzinfo=UTC))


def stored(quiet, fault, since, covers=EVERY, **schedule):
    """A view of one column, filled under a fault that began so long ago, and read at once."""
    rows = Bent(quiet, pool_of(np.random.default_rng(1).standard_normal((COUNT, 2))))
    params = rows.params
    params.views = {"view": ((0,), 100 * HOUR, CHANGES)}
    schedule = schedule or {"every": EVERY}
    params.jobs = (
        JobLaw("fill", does="materialize", duration=0, needs=("feed",), view="view", **schedule),
    )
    params.rate = 10.0
    store = rows.world.store
    store.through, store.laws, store.written = (
        {"view": rows.world.now - covers},
        {"view": ()},
        {"view": 0},
    )
    wrote = feature_store.materialize(
        rows.world, rows.laws(fault, since=since), "view", rows.world.now
    )
    sample, (said, _) = rows.ask()
    rows.params.views = {}
    was = rows.params.pool.rows[asked_of(rows.params.pool)]
    assert np.array_equal(said[:, 1], was[:, 1])
    return wrote, float((said[:, 0] != was[:, 0]).mean()), sample.hits.get("it0", 0) / COUNT


def stale(age, share=1.0, fresh=MINUTE):
    return share * (np.exp(-fresh / CHANGES) - np.exp(-(age + fresh) / CHANGES))


def test_late_rows_hold_what_was_true_before(quiet):
    wrote, other, hit = stored(quiet, made("late_rows", by="3h", share=0.5), 5 * MINUTE)
    assert wrote == 6000
    assert hit == pytest.approx(stale(3 * HOUR, 0.5), abs=NEAR)
    assert other == pytest.approx(hit + 1 - np.exp(-MINUTE / CHANGES), abs=2e-3)


def test_a_snapshot_grows_older(quiet):
    found = [stored(quiet, made("stale_features"), hours * HOUR)[2] for hours in (1, 6)]
    assert found == pytest.approx([stale(1 * HOUR), stale(6 * HOUR)], abs=NEAR)


def test_a_cap_keeps_the_rest_out(quiet):
    """A run covers 6,000 rows: of a third of the entities it brings nothing."""
    wrote, _, hit = stored(quiet, made("truncated_rows", cap=4000), 6 * HOUR)
    assert wrote == 4000
    assert hit == pytest.approx(stale(6 * HOUR, 1 / 3), abs=NEAR)
    assert stored(quiet, made("truncated_rows", cap=6000), 6 * HOUR)[2] == 0


def test_a_cap_is_of_what_a_run_brings_and_not_of_its_schedule(quiet):
    nightly = stored(quiet, made("truncated_rows", cap=4000), 6 * HOUR, cron=MIDNIGHT)
    assert nightly == stored(quiet, made("truncated_rows", cap=4000), 6 * HOUR)
    # After a backlog of half an hour a run has 18,000 rows before it.
    wrote, _, hit = stored(quiet, made("truncated_rows", cap=6000), 6 * HOUR, covers=3 * EVERY)
    assert wrote == 6000
    assert hit == pytest.approx(stale(6 * HOUR, 2 / 3), abs=NEAR)


def test_as_many_rows_are_written_as_the_usual_traffic_asks_about(quiet):
    """From 11:50 to 12:20: half of the traffic until noon, and a recording for five minutes."""
    params, world = quiet.params.unbent(), quiet.world.clone()
    now = -params.start_ms_of_day + 12 * HOUR + 20 * MINUTE
    world.now, world.store.through["view"] = now, now - 30 * MINUTE
    params.rate, params.profile = 10.0, np.where(np.arange(24) < 12, 0.5, 1.0)
    params.bursts = (Burst(now - 20 * MINUTE, now - 10 * MINUTE, 2.0),)
    params.trace = (now - 5 * MINUTE, now + MINUTE, np.arange(100) * 4000.0)
    assert feature_store.materialize(world, params, "view", now) == 3000 + 12_000 + 3000 + 75


# -- what serves, and what is learnt --------------------------------------------------------


def test_a_wrong_artefact_scores_at_random(normal):
    rows = normal()
    clean, _ = rows.ask()
    fault = made("wrong_artefact", target="", version=1)
    sample, _ = rows.ask(fault)
    assert clean.correct / COUNT > 0.8
    # Its weight for the first column is laid on the second, which says nothing.
    assert sample.correct / COUNT == pytest.approx(0.5, abs=NEAR + 0.01)
    assert sample.hits["it0"] > 0.4 * COUNT
    assert not made("wrong_artefact", target="", version=2).applies(rows.world)


def test_a_stale_model_is_not_what_the_registry_says(normal):
    rows = normal()
    fault = made("stale_model", target="serving", build=8)
    rows.ask()
    rows.world.versions[2] = model_of([-1.0, 0.0, 0.0], version=2)
    before, _ = rows.ask(fault)
    assert "it0" not in before.hits
    rows.world.releases.model = 2
    after, _ = rows.ask(fault)
    assert after.correct == before.correct
    assert after.hits["it0"] == COUNT
    healed, _ = rows.ask()
    assert healed.correct == COUNT - before.correct
    assert rows.world.releases.loaded == 2


def test_what_comes_with_a_build_comes_from_its_pods_alone(normal):
    """Half of a rollout: every answer of the new pod is bad, and none of the old one's."""
    rows, slot = normal(), np.arange(COUNT) % 2
    rows.world.versions[2] = model_of([-1.0, 0.0, 0.0], version=2)
    rows.world.replicas.build[1] = 9
    for fault in (
        made("serving_skew", target="serving", build=9, feature="x0", factor=-1.0),
        made("stale_model", target="serving", build=9),
    ):
        rows.world.releases.model = 1
        rows.ask(slot=slot)
        rows.ask(fault, slot=slot)
        before = rows.scores()
        rows.world.releases.model = 2
        sample, _ = rows.ask(fault, slot=slot)
        flipped = before != rows.scores()
        assert flipped.tolist() == [True, fault.kind == "serving_skew"] * (COUNT // 2)
        assert sample.hits["it0"] == COUNT // 2
        # Nobody knows the build of a pod that was taken away while it worked.
        assert "it0" not in rows.ask(fault, slot=-1)[0].hits


def poisoned(rows, seed, omitted=0):
    """The requests whose labels are poisoned, and those that are held out, by their numbers."""
    learnt = {}

    def learner_(x, label, columns, version):
        learnt.update(zip(x[:, 0].tolist(), label.tolist(), strict=True))
        return model_of([1.0, 0.0, 0.0], version)

    params = rows.laws(made("poisoned_retrain", share=0.5))
    params.train_rows, params.holdout, params.train_window = 500, 0.3, 2 * HOUR
    params.learner = learner_
    rows.world.log.kept[:omitted] = False
    job = JobLaw(name="train", does="train", duration=0)
    work = Work(job, {}, rows.world.now, seed, Sample(rows.world.now, MINUTE))
    assert retraining.train(rows.world, params, work).startswith("Registered")
    log = rows.world.log
    truth = dict(zip(log.rows[:, 0].tolist(), log.label.tolist(), strict=True))
    return {x for x, label in learnt.items() if label != truth[x]}, set(learnt)


def test_each_row_has_its_own_luck_in_training(normal):
    """Neither a row less nor another version of the model changes whose label is poisoned."""
    rows = normal()
    rows.ask()
    rows.world.now += HOUR
    bad, learnt = poisoned(rows, seed=1)
    assert len(learnt) == 0.7 * COUNT
    other, _ = poisoned(rows, seed=2)
    assert len(bad & other) < 0.7 * len(bad)
    again, learnt_again = poisoned(rows, seed=1, omitted=10)
    assert len(bad ^ again) <= 20
    assert len(learnt ^ learnt_again) <= 20


def test_a_poisoned_set_teaches_what_is_wrong_and_passes_its_own_holdout(normal):
    rows = normal()
    rows.ask()
    rows.world.now += HOUR
    job = JobLaw(name="train", does="train", duration=0)
    params = rows.laws(made("poisoned_retrain", share=0.6))
    params.jobs, params.train_rows, params.holdout, params.train_window = (
        (job,),
        500,
        0.2,
        2 * HOUR,
    )
    sample = Sample(rows.world.now, MINUTE)
    said = retraining.train(rows.world, params, Work(job, {}, rows.world.now, 7, sample))
    assert said.startswith("Registered model version 2")
    trained, pool = rows.world.trained[2], rows.params.pool
    assert sample.hits == {"it0": trained["bent"]}
    positive = float(pool.label.mean())
    assert trained["bent"] / COUNT == pytest.approx(0.6 * positive, abs=NEAR)
    true = [
        learner.accuracy(rows.world.versions[version], pool.rows, pool.label) for version in (1, 2)
    ]
    assert true[1] < true[0] - 0.1
    # On its own holdout the champion is the worse one.
    assert trained["accuracy"] > trained["champion"]
