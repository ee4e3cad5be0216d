"""Named random streams: each random quantity has a stream with its own name.

Bulk draws come in blocks of ten simulated minutes, so that a stream's draws in one block depend
only on the seed, the name and the block: not on earlier draws, the length of a tick or a fault
elsewhere. Rare draws (a person's delay, a job's duration) are keyed by identity and attempt,
never by a counter that a missing order would shift. A request's draws are hashed from its number.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A generator costs about 22 µs to make; at a tick of 5 s one block serves 120 ticks.
BLOCK_MS = 600_000


def block_of(t: int) -> int:
    """The number of the block that contains `t`, in ms; negative in the history.

    Examples
    --------
    >>> block_of(599_999), block_of(600_000), block_of(-1)
    (0, 1, -1)
    """
    return t // BLOCK_MS


class Streams:
    """The random streams of a run, by name.

    Parameters
    ----------
    seed : int
        Not negative.

    Examples
    --------
    >>> streams = Streams(7)
    >>> a, b = streams.block("traffic", 3).random(2), streams.block("traffic", 3).random(2)
    >>> bool((a == b).all())
    True
    >>> bool(streams.block("traffic", -4).random() == streams.block("traffic", 4).random())
    False
    """

    def __init__(self, seed: int) -> None:
        if seed < 0:
            raise ValueError(f"seed must not be negative, got {seed}")
        self.seed = seed

    def block(self, name: str, block: int) -> np.random.Generator:
        """The generator of a stream for one block of ten simulated minutes."""
        # A seed must not be negative: blocks 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
        folded = 2 * block if block >= 0 else -2 * block - 1
        return np.random.default_rng([self.seed, crc(name), folded])

    def keyed(self, name: str, *keys: int | str) -> np.random.Generator:
        """The generator of one rare draw, by identity and attempt.

        Examples
        --------
        >>> streams = Streams(7)
        >>> first = streams.keyed("job", "train", 1).random()
        >>> bool(first == streams.keyed("job", "train", 2).random())
        False
        """
        # With length and type: ("a", 1), ("a1",) and ("a", "1") are different draws.
        words = [self.seed, crc(name), len(keys)]
        for key in keys:
            if isinstance(key, str):
                words += [2, crc(key), len(key)]
            else:
                words += [int(key < 0), abs(int(key))]
        return np.random.default_rng(words)


def crc(name: str) -> int:
    """A checksum of a name, the same in every process (`hash` is not)."""
    return zlib.crc32(name.encode())


def uniforms(ids: NDArray[Any], name: str, seed: int) -> NDArray[np.float64]:
    """One uniform draw for every request and purpose.

    Counter-based: the draw of one request does not depend on the other requests.

    Parameters
    ----------
    ids : array of unsigned or exact float integers
    name : str
        The purpose of the draw.

    Returns
    -------
    ndarray in [0, 1), of the shape of `ids`

    Examples
    --------
    >>> ids = np.arange(3.0)
    >>> u = uniforms(ids, "label lag", 7)
    >>> bool((u[1:] == uniforms(ids[1:], "label lag", 7)).all())
    True

    References
    ----------
    Steele, G. L., Lea, D. and Flood, C. H. (2014). Fast splittable pseudorandom number
    generators. The finalizer is that of SplitMix64.
    """
    draws: NDArray[np.float64] = many_uniforms(ids, (name,), seed)[0]
    return draws


def many_uniforms(ids: NDArray[Any], names: Sequence[str], seed: int) -> NDArray[np.float64]:
    """The `uniforms` of several purposes, shape (names, ids).

    Together they take hardly longer than one: most of the time is the overhead of numpy calls.
    """
    salts = np.array([_salt(name, seed) for name in names], dtype=np.uint64)
    z = ids.astype(np.uint64) ^ salts[:, None]
    _mix(z)
    _mix(z)
    z >>= _LAST_11
    return z.astype(np.float64) * 2.0**-53


@lru_cache(maxsize=1024)
def _salt(name: str, seed: int) -> np.uint64:
    """The salt of a stream's ids, mixed so that no stream is a shift of another."""
    z = np.array([(crc(name) << 32) ^ seed], dtype=np.uint64)
    _mix(z)
    return np.uint64(z[0])


_GAMMA, _FIRST, _SECOND = (
    np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)
_30, _27, _31, _LAST_11 = (np.uint64(n) for n in (30, 27, 31, 11))


def _mix(z: NDArray[np.uint64]) -> None:
    """Mix in place: for 500 ids allocating an array costs as much as filling it."""
    z += _GAMMA
    z ^= z >> _30
    z *= _FIRST
    z ^= z >> _27
    z *= _SECOND
    z ^= z >> _31
