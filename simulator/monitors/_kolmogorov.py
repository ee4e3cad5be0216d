"""The Kolmogorov distribution of finite samples.

The method depends on size as in Simard and L'Ecuyer (2011), so that p-values equal scipy's
`ks_2samp(method="asymp")` to 1e-12: exact by Durbin's matrix for small samples, twice the
one-sided tail for large distances, an expansion in the square root of the rows
between.
"""

import math
from functools import lru_cache

import numpy as np

from simulator.pipeline.arrays import Floats

CERTAIN = 370.0  # n d^2 above which the probability is below 1e-300
PI = math.pi


def kolmogorov_tail(distance: float, n: int) -> float:
    """P(D >= distance) for n rows against a known distribution.

    Two samples of n and m rows count as n m / (n + m).

    Examples
    --------
    >>> round(kolmogorov_tail(1.3581 / 100, 10_000), 3)
    0.05
    """
    t = n * distance
    size = t * distance
    if math.isnan(distance):
        return math.nan
    if distance >= 1.0 or size >= CERTAIN:
        return 0.0
    if t <= 0.5:
        return 1.0
    if distance >= 0.5 or size >= (4.0 if n <= 140 else 2.2):
        return min(1.0, 2.0 * one_sided_tail(distance, n))
    if n <= 140 or (n <= 100_000 and n * distance**1.5 <= 1.4):
        below = _durbin(distance, n)
    else:
        below = _expansion(distance, n)
    return min(1.0, max(0.0, 1.0 - below))


def one_sided_tail(distance: float, n: int) -> float:
    """P(D+ >= distance): Smirnov's sum, a sum of positive terms.

    Examples
    --------
    >>> one_sided_tail(0.5, 1)
    0.5
    """
    j = np.arange(math.floor(n * (1.0 - distance)) + 1)
    above = distance + j / n
    below = 1.0 - above
    inside = below > 0
    with np.errstate(divide="ignore"):
        terms = _log_binomials(n)[j] + (n - j) * np.log1p(-above, where=inside, out=below * 0.0)
    terms += (j - 1) * np.log(above)
    # At the end the base is 0: to the power 0 it counts 1, to any other 0.
    terms[~inside & (j < n)] = -np.inf
    return float(distance * np.exp(terms).sum())


@lru_cache(maxsize=16)
def _log_binomials(n: int) -> Floats:
    """log C(n, j) for all j."""
    logs = np.array([math.lgamma(j + 1.0) for j in range(n + 1)])
    binomials: Floats = logs[-1] - logs - logs[::-1]
    return binomials


def _durbin(distance: float, n: int) -> float:
    """P(D < distance) by the matrix of Marsaglia, Tsang and Wang (2003)."""
    k = math.ceil(n * distance)
    h, m = k - n * distance, 2 * k - 1
    order = np.arange(1, m + 1)
    factorial = np.cumprod(order.astype(np.float64))
    matrix = np.zeros((m, m))
    for i in range(1, m):
        matrix[i - 1 :, i] = np.concatenate([[1.0], 1.0 / factorial[: m - i]])
    first = (1.0 - h**order) / factorial
    first[-1] = (1.0 - 2.0 * h**m + max(2.0 * h - 1.0, 0.0) ** m) / factorial[-1]
    matrix[:, 0] = first
    matrix[-1, :] = first[::-1]
    powered, exponent = _power(matrix, n)
    probability, places = powered[k - 1, k - 1], exponent
    for i in range(1, n + 1):
        probability *= i / n
        if probability < 1e-140:
            probability, places = probability * 1e140, places - 140
    return float(probability * 10.0**places)


def _power(matrix: Floats, n: int) -> tuple[Floats, int]:
    """matrix ** n as mantissa and power of ten, by squaring."""
    result, power = np.eye(len(matrix)), 0
    base, tens = matrix, 0
    while n:
        if n % 2:
            result, power = result @ base, power + tens
        base, tens, n = base @ base, 2 * tens, n // 2
        if base.max() > 1e140:
            base, tens = base * 1e-140, tens + 140
        if result.max() > 1e140:
            result, power = result * 1e-140, power + 140
    return result, power


def _expansion(distance: float, n: int) -> float:
    """P(D < distance) by the expansion of Pelz and Good (1976), to the order n ** -1.5."""
    z = math.sqrt(n) * distance
    z2, z4, z6 = z**2, z**4, z**6
    p2, p4, p6 = PI**2, PI**4, PI**6
    odd = (2.0 * np.arange(1, math.ceil(16 * z / PI) + 1) - 1.0) ** 2
    squares = np.arange(1, len(odd) + 1) ** 2.0
    q, r = np.exp(-p2 / (8 * z2) * odd), np.exp(-p2 / (2 * z2) * squares)
    sums = [
        q.sum() / z,
        ((-z2 + p2 / 4 * odd) * q).sum() / (6 * z4),
        (
            (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * p2 / 4 * odd + p4 * (1 - 2 * z2) / 16 * odd**2)
            * q
        ).sum()
        / (72 * z**7)
        - p2 * (squares * r).sum() / (36 * z**3),
        (
            (
                -30 * z6
                - 90 * z**8
                + p2 * (135 * z4 - 96 * z6) / 4 * odd
                + p4 * (-60 * z2 + 212 * z4) / 16 * odd**2
                + p6 * (5 - 30 * z2) / 64 * odd**3
            )
            * q
        ).sum()
        / (6480 * z**10)
        + p2 * ((3 * z2 - p2 * squares) * squares * r).sum() / (216 * z6),
    ]
    return float(math.sqrt(2 * PI) * sum(term / n ** (i / 2) for i, term in enumerate(sums)))
