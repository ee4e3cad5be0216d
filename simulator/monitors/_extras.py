"""Optional packages of some monitors, imported lazily with their telemetry off."""

import importlib
import os
from importlib.util import find_spec
from typing import Any

# No package may call home during a drill; each reads its variable on import.
TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",  # evidently
    "NML_DISABLE_USAGE_LOGGING": "1",  # nannyml
    "GX_ANALYTICS_ENABLED": "false",  # great_expectations
}


class MissingExtra(ImportError):
    """A monitor's package is not installed; the message has the command that installs it."""


def install_hint(module: str, extra: str) -> str:
    """The message for a module that is not installed; empty if it is, or none is required.

    The module is not imported: the largest of these packages takes 13 s.

    Examples
    --------
    >>> install_hint("numpy", "drift"), install_hint("", "")
    ('', '')
    >>> install_hint("no_such_module", "drift")
    "needs no_such_module: pip install 'ml-gameday[drift]'"
    """
    if not module or find_spec(module) is not None:
        return ""
    return f"needs {module}: pip install 'ml-gameday[{extra}]'"


def load(module: str, extra: str) -> Any:
    """Import a module of an extra on first use, with its telemetry off.

    Raises
    ------
    MissingExtra
        If it is not installed.
    """
    hint = install_hint(module.partition(".")[0], extra)
    if hint:
        raise MissingExtra(hint)
    os.environ.update(TELEMETRY_OFF)
    return importlib.import_module(module)
