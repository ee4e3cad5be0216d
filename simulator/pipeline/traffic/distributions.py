"""Distributions: how the work of one request differs from that of the next.

Each gives draws with mean 1; the law `service_ms` scales them. A draw belongs to its request
from birth, so that whoever serves it, today or in a twin, has the same work with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from simulator.pipeline.arrays import Floats


class Distribution(Protocol):
    """What the work of requests is distributed like."""

    def draw(self, normal: Floats, dice: np.random.Generator) -> Floats:
        """One draw a request, positive and with mean 1.

        Parameters
        ----------
        normal : ndarray, shape (requests,)
            A standard normal of each request.
        dice : Generator
            For those to whom a normal is of no use; nothing else is drawn from it after this,
            so that another distribution shifts no other draw.
        """
        ...


@dataclass(frozen=True)
class Lognormal:
    """Many small causes that multiply: a long tail to the right.

    Examples
    --------
    >>> Lognormal(0.5).draw(np.array([0.0, 1.0]), np.random.default_rng(1)).round(3).tolist()
    [0.882, 1.455]
    """

    sigma: float  # standard deviation of the logarithm

    def draw(self, normal: Floats, dice: np.random.Generator) -> Floats:
        """From the normals alone."""
        work: Floats = np.exp(self.sigma * normal - self.sigma * self.sigma / 2)
        return work


@dataclass(frozen=True)
class Deterministic:
    """Every request is the same work: a fixed batch, a model without branches.

    Examples
    --------
    >>> Deterministic().draw(np.array([0.0, 1.0]), np.random.default_rng(1)).tolist()
    [1.0, 1.0]
    """

    def draw(self, normal: Floats, dice: np.random.Generator) -> Floats:
        """Nothing is left to chance."""
        return np.ones(len(normal))


@dataclass(frozen=True)
class Exponential:
    """No memory: what queueing theory solves in closed form (the M of M/M/c).

    Examples
    --------
    >>> Exponential().draw(np.zeros(10_000), np.random.default_rng(1)).mean().round(2)
    np.float64(1.0)
    """

    def draw(self, normal: Floats, dice: np.random.Generator) -> Floats:
        """Of the dice."""
        return dice.standard_exponential(len(normal))


@dataclass(frozen=True)
class Gamma:
    """Steadier than exponential above shape 1, wilder below; of shape k, Erlang-k.

    Examples
    --------
    >>> work = Gamma(2.0).draw(np.zeros(10_000), np.random.default_rng(1))
    >>> work.mean().round(1), work.var().round(1)
    (np.float64(1.0), np.float64(0.5))
    """

    shape: float

    def draw(self, normal: Floats, dice: np.random.Generator) -> Floats:
        """Of the dice."""
        return dice.standard_gamma(self.shape, len(normal)) / self.shape


@dataclass(frozen=True)
class Empirical:
    """What was measured: one of these values, each as often as it stands here.

    Examples
    --------
    >>> work = Empirical((20.0, 20.0, 80.0)).draw(np.zeros(300), np.random.default_rng(1))
    >>> sorted(set(work.tolist()))
    [0.5, 2.0]
    """

    values: tuple[float, ...]  # in any unit: only their ratio to the mean counts

    @cached_property
    def _ratios(self) -> Floats:
        values = np.array(self.values)
        ratios: Floats = values / values.mean()
        return ratios

    def draw(self, normal: Floats, dice: np.random.Generator) -> Floats:
        """Of the dice, one value a request."""
        return self._ratios.take(dice.integers(len(self._ratios), size=len(normal)))
