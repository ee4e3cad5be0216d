"""Packages that some monitors work with and that a plain install does not bring."""

from __future__ import annotations

import importlib
import os
from importlib.util import find_spec
from typing import Any

# Nothing that runs in a drill may call home; each reads its variable when it is imported.
QUIET = {
    "DO_NOT_TRACK": "1",  # evidently
    "NML_DISABLE_USAGE_LOGGING": "1",  # nannyml
    "GX_ANALYTICS_ENABLED": "false",  # great_expectations
}


class MissingExtra(ImportError):
    """A monitor's package is not installed; the message says what to install."""


def missing(module: str, extra: str) -> str:
    """What to say where a module is not installed; empty where it is, or nothing is needed.

    Nothing is imported for it: the largest of these packages takes 13 s.

    Examples
    --------
    >>> missing("numpy", "drift"), missing("", "")
    ('', '')
    >>> missing("no_such_module", "drift")
    "needs no_such_module: pip install 'ml-gameday[drift]'"
    """
    if not module or find_spec(module) is not None:
        return ""
    return f"needs {module}: pip install 'ml-gameday[{extra}]'"


def load(module: str, extra: str) -> Any:
    """A module of an extra, imported when it is first used, with its telemetry off.

    Raises
    ------
    MissingExtra
        If it is not installed.
    """
    why = missing(module.partition(".")[0], extra)
    if why:
        raise MissingExtra(why)
    os.environ.update(QUIET)
    return importlib.import_module(module)
