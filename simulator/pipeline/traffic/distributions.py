"""Distributions of the work of requests.

Draws have mean 1, and `Params.service_ms` scales them. A draw belongs to its request from birth:
it is the same work for every replica, and in every twin.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from simulator.pipeline.arrays import Floats


class Distribution(Protocol):
    """The distribution of the work of requests."""

    def draw(self, normal: Floats, dice: np.random.Generator) -> Floats:
        """One draw a request, positive and with mean 1.

        Parameters
        ----------
        normal : ndarray, shape (requests,)
            A standard normal of each request.
        dice : Generator
            For distributions that do not use the normals; nothing is drawn from it after this, so
            that another distribution shifts no other draw.
        """
        ...


@dataclass(frozen=True)
class Lognormal:
    """The product of many small causes: a long tail to the right.

    Examples
    --------
    >>> Lognormal(0.5).draw(np.array([0.0, 1.0]), np.random.default_rng(1)).round(3).tolist()
    [0.882, 1.455]
    """

    sigma: float  # standard deviation of the logarithm

    def draw(self, normal: Floats, dice: np.random.Generator) -> Floats:
        """Draw from the normals alone."""
        return np.exp(self.sigma * normal - self.sigma * self.sigma / 2)


@dataclass(frozen=True)
class Deterministic:
    """Every request is the same work, as of a model without branches.

    Examples
    --------
    >>> Deterministic().draw(np.array([0.0, 1.0]), np.random.default_rng(1)).tolist()
    [1.0, 1.0]
    """

    def draw(self, normal: Floats, dice: np.random.Generator) -> Floats:
        """Return ones."""
        return np.ones(len(normal))


@dataclass(frozen=True)
class Exponential:
    """Memoryless service, the M of M/M/c, which has closed forms.

    Examples
    --------
    >>> Exponential().draw(np.zeros(10_000), np.random.default_rng(1)).mean().round(2)
    np.float64(1.0)
    """

    def draw(self, normal: Floats, dice: np.random.Generator) -> Floats:
        """Draw from the generator."""
        return dice.standard_exponential(len(normal))


@dataclass(frozen=True)
class Gamma:
    """Less variable than exponential above shape 1, more below; of whole shape k, Erlang-k.

    Examples
    --------
    >>> work = Gamma(2.0).draw(np.zeros(10_000), np.random.default_rng(1))
    >>> work.mean().round(1), work.var().round(1)
    (np.float64(1.0), np.float64(0.5))
    """

    shape: float

    def draw(self, normal: Floats, dice: np.random.Generator) -> Floats:
        """Draw from the generator."""
        return dice.standard_gamma(self.shape, len(normal)) / self.shape


@dataclass(frozen=True)
class Empirical:
    """Measured values: one of them for each request, each as likely as it is frequent here.

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
        """Draw one of the values for each request."""
        return self._ratios.take(dice.integers(len(self._ratios), size=len(normal)))
