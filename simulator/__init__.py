"""A game day for machine-learning pipelines: inject faults and watch the response.

A drill in ten lines::

    from simulator import drive, grade, load, Follower, Session, Timeline

    setting = load("first-shift")                     # names bound to parts, a model fitted
    session = Session(setting, seed=1)                # one run of it
    follower = Follower(setting.playbook)             # answers, through a door
    drive(session, {session.plays: follower})
    run = session.finish()                            # its log and series
    scores = grade(Timeline(run))
    print(scores.verdict, scores.why)

To read the code, follow the data: `scenario` (files of authors), `datasets` (rows), `setting` (a
scenario bound to its parts), `lint` (the warnings of `drill check`), `pipeline` (the mechanisms,
one tick at a time), `faults` (which bend their laws), `monitors` and `telemetry` (the signals),
`promql` and `alerting` (rules, routes and notifications), `oncall` (the people), `actions` (the
possible orders), `debts` (what faults and orders leave), `director` (injects, phases, objectives),
`session` (the tick that joins them, and the only door), `responders`, `run` (the log), `play` (a
drill and its twins), `analysis` (a run, read once), `score`, `report`.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Imported on first access: `drill --help` needs none of them.
_HOMES = {
    "Door": "session",
    "Follower": "responders.playbook",
    "Order": "session",
    "OrderRejected": "session",
    "Run": "run",
    "Session": "session",
    "Setting": "setting",
    "Timeline": "analysis",
    "drive": "responders",
    "grade": "score",
    "load": "setting",
    "play": "play",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    return getattr(import_module(f"simulator.{_HOMES[name]}"), name)
