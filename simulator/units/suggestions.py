"""Did-you-mean: the name closest to a misspelt one."""

import difflib
from collections.abc import Iterable

# A longer text is not a misspelt name, and difflib is quadratic.
LENGTH_MAX = 100
# The beginning of a name is its short form from this length on: `ack` for `acknowledge`.
SHORT_FORM_LENGTH = 3


def closest_match(name: str, candidates: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The candidate most similar to a name, or None.

    Parameters
    ----------
    cutoff : float
        Similarity that a candidate must reach, from 0 to 1 (equal but for case and hyphens).

    Examples
    --------
    >>> closest_match("memory_leek", ["memory_leak", "nulls"])
    'memory_leak'
    >>> closest_match("zzz", ["memory_leak"]) is None
    True
    >>> closest_match("ack", ["acknowledge", "owns"])  # the beginning of only one
    'acknowledge'
    >>> closest_match("SEV0", ["SEV1", "SEV2", "SEV3"]) is None  # all are as close
    True
    """
    if len(name) > LENGTH_MAX:
        return None
    by_lower = {candidate.lower().replace("-", "_"): candidate for candidate in candidates}
    lower = name.lower().replace("-", "_")
    matches = difflib.get_close_matches(lower, by_lower, n=3, cutoff=cutoff)
    if len(matches) == 3 and _similarity(lower, matches[0]) == _similarity(lower, matches[2]):
        return None
    if not matches and len(lower) >= SHORT_FORM_LENGTH:
        matches = [candidate for candidate in by_lower if candidate.startswith(lower)]
        matches = matches if len(matches) == 1 else []
    return by_lower[matches[0]] if matches else None


def _similarity(name: str, candidate: str) -> float:
    return difflib.SequenceMatcher(None, candidate, name).ratio()


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """The end of an error message: the closest name, else all names if they are few.

    Examples
    --------
    >>> did_you_mean("retrys", ["retries", "timeout"])
    "; did you mean 'retries'?"
    >>> did_you_mean("zzz", ["retries", "timeout"])
    '; expected one of retries, timeout'
    """
    names = list(candidates)
    if match := closest_match(name, names):
        return f"; did you mean {match!r}?"
    if not names:
        return "; there are none"
    return f"; expected one of {', '.join(names)}" if len(names) <= 12 else ""
