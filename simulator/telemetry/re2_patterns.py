"""Regular expressions as the real programs read them: RE2's."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from simulator.units import show


def compile_pattern(text: str, dot_nl: bool = False) -> Any:
    """A compiled RE2 pattern.

    Parameters
    ----------
    text : str
    dot_nl : bool
        Whether a dot is a line's end too, as in Prometheus.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> compile_pattern("serving .* deployed").search("INFO serving 9 deployed") is None
    False
    >>> compile_pattern("serving (.* deployed")
    Traceback (most recent call last):
    ValueError: not a regular expression (RE2): 'serving (.* deployed': missing ): ...
    """
    if not isinstance(text, str):
        raise ValueError(f"given {show(text)}, expected a text")
    return _compiled(text, dot_nl)


@lru_cache(maxsize=4096)
def _compiled(text: str, dot_nl: bool) -> Any:
    options = re2.Options()
    # RE2 would write a bad pattern to standard error, beside the one line that says it here.
    options.log_errors = False
    options.dot_nl = dot_nl
    try:
        return re2.compile(text, options)
    except re2.error as error:
        said = error.args[0]
        said = said.decode() if isinstance(said, bytes) else said
        raise ValueError(f"not a regular expression (RE2): {text!r}: {said}") from None
