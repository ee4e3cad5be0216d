"""A game day for machine-learning pipelines: break one on purpose and watch who answers.

A drill in ten lines::

    from simulator import drive, grade, load, Follower, Session

    setting = load("first-shift")                     # names bound to parts, a model fitted
    session = Session(setting, seed=1)                # one run of it
    drive(session, Follower(setting.playbook))        # somebody answers, through a door
    run = session.finish()                            # what happened: a log and series
    print(grade(run).verdict, grade(run).why)

To read the code, follow the data: `scenario` (what authors write), `datasets` (its rows),
`setting` (a scenario bound to its parts), `lint` (what `drill check` warns of), `pipeline`
(the mechanisms, one tick at a time), `faults` (what bends them),
`monitors` and `telemetry` (what can be seen), `promql` and `alerting` (who is told),
`oncall` (who hears it), `actions` (what may be ordered), `exercise` (the director),
`session` (the tick that joins them, and the only door), `responders` (who answers),
`run` (the log), `twins`, `score`, `report`.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Imported when asked for: `drill --help` needs none of them.
_HOMES = {
    "Door": "session",
    "Follower": "responders.playbook",
    "Order": "session",
    "OrderRejected": "session",
    "Run": "run",
    "Session": "session",
    "Setting": "setting",
    "drive": "responders",
    "grade": "score",
    "load": "setting",
    "play": "twins",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    return getattr(import_module(f"simulator.{_HOMES[name]}"), name)
