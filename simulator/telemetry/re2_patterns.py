"""Regular expressions in RE2's syntax, as Prometheus and Alertmanager read them."""

from functools import lru_cache
from typing import Any

import re2

from simulator.units import format_value


def compile_pattern(text: str, dot_nl: bool = False) -> Any:
    """A compiled RE2 pattern.

    Parameters
    ----------
    dot_nl : bool
        Whether a dot matches a line end too, as in Prometheus.

    Raises
    ------
    ValueError
        If the text is not valid RE2.

    Examples
    --------
    >>> compile_pattern("serving .* deployed").search("INFO serving 9 deployed") is None
    False
    >>> compile_pattern("serving (.* deployed")
    Traceback (most recent call last):
    ValueError: not a regular expression (RE2): 'serving (.* deployed': missing ): ...
    """
    if not isinstance(text, str):
        raise ValueError(f"given {format_value(text)}, expected a text")
    return _compile(text, dot_nl)


@lru_cache(maxsize=4096)
def _compile(text: str, dot_nl: bool) -> Any:
    options = re2.Options()
    # RE2 would also write a bad pattern to standard error, beside the one line raised here.
    options.log_errors = False
    options.dot_nl = dot_nl
    try:
        return re2.compile(text, options)
    except re2.error as error:
        reason = error.args[0]
        reason = reason.decode() if isinstance(reason, bytes) else reason
        raise ValueError(f"not a regular expression (RE2): {text!r}: {reason}") from None
