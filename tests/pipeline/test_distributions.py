"""How work differs between requests: moments, and that a request keeps all else it carries."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulator.pipeline.requests import AT, ATTEMPT, DEPEND, ID, ROW, SINCE, WORK
from simulator.pipeline.traffic.customers import Customers
from simulator.pipeline.traffic.distributions import (
    Deterministic,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
)
from simulator.scenario.service import Service
from simulator.setting.serving_laws import service_distribution
from simulator.streams import BLOCK_MS, Streams

VALUES = (10.0, 20.0, 20.0, 150.0)
# With the squared coefficient of variation that the law says.
KINDS: list[tuple[Distribution, float]] = [
    (Lognormal(0.5), np.expm1(0.25)),
    (Lognormal(1.0), np.e - 1),
    (Exponential(), 1.0),
    (Deterministic(), 0.0),
    (Gamma(2.0), 0.5),
    (Gamma(0.5), 2.0),
    (Empirical(VALUES), float(np.var(VALUES)) / 50.0**2),
]


@pytest.mark.parametrize(("work", "scv"), KINDS, ids=str)
def test_the_mean_is_one_and_the_variance_that_of_the_law(work: Distribution, scv: float) -> None:
    dice = np.random.default_rng(5)
    drawn = work.draw(dice.standard_normal(200_000), dice)
    assert (drawn > 0).all()
    # Five standard errors of a mean, and a wide bound for the variance of the heaviest tail.
    assert drawn.mean() == pytest.approx(1, abs=5 * np.sqrt(scv / 200_000) + 1e-12)
    assert drawn.var() == pytest.approx(scv, rel=0.12, abs=1e-12)


@pytest.mark.parametrize(
    ("work", "law"),
    [
        (Exponential(), stats.expon()),
        (Gamma(3.0), stats.gamma(3.0, scale=1 / 3)),
        (Lognormal(0.7), stats.lognorm(0.7, scale=np.exp(-0.245))),
    ],
    ids=["exponential", "gamma", "lognormal"],
)
def test_draws_have_the_distribution_of_the_law(
    work: Distribution, law: stats.rv_continuous
) -> None:
    dice = np.random.default_rng(6)
    drawn = work.draw(dice.standard_normal(20_000), dice)
    assert stats.kstest(drawn, law.cdf).pvalue > 0.001


@pytest.mark.parametrize(("work", "scv"), KINDS, ids=str)
def test_arrivals_do_not_depend_on_the_distribution(work: Distribution, scv: float) -> None:
    usual = Customers(Streams(3)).points("base", 0, 2 * BLOCK_MS, Lognormal(0.5), 6.0)
    other = Customers(Streams(3)).points("base", 0, 2 * BLOCK_MS, work, 6.0)
    for column in (AT, SINCE, DEPEND, ROW, ID, ATTEMPT):
        assert (usual[:, column] == other[:, column]).all()
    assert work == Lognormal(0.5) or (usual[:, WORK] != other[:, WORK]).any()


def test_draws_follow_the_distribution_of_the_pipeline_file() -> None:
    mean = {"mean": "60ms"}
    assert service_distribution(Service(**mean, sigma=0.3)) == Lognormal(0.3)
    assert service_distribution(Service(**mean, distribution="exponential")) == Exponential()
    assert service_distribution(Service(**mean, distribution="deterministic")) == Deterministic()
    assert service_distribution(
        Service(distribution="empirical", values=["1s", "3s"])
    ) == Empirical((1e3, 3e3))
