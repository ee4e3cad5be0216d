"""The name that was probably meant."""

import difflib
from collections.abc import Iterable


def nearest(given: str, known: Iterable[str]) -> str | None:
    """The name that was probably meant.

    Examples
    --------
    >>> nearest("memory_leek", ["memory_leak", "nulls"])
    'memory_leak'
    >>> nearest("zzz", ["memory_leak"]) is None
    True
    """
    # Longer than any name of ours: not a typing error, and difflib is quadratic.
    if len(given) > 100:
        return None
    by_lower = {name.lower().replace("-", "_"): name for name in known}
    found = difflib.get_close_matches(given.lower().replace("-", "_"), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """The end of a message: the nearest name, else what there is where that is short.

    Examples
    --------
    >>> did_you_mean("retrys", ["retries", "timeout"])
    "; did you mean 'retries'?"
    >>> did_you_mean("zzz", ["retries", "timeout"])
    '; expected one of retries, timeout'
    """
    names = list(known)
    if close := nearest(given, names):
        return f"; did you mean {close!r}?"
    if not names:
        return "; there are none"
    return f"; expected one of {', '.join(names)}" if len(names) <= 12 else ""
