"""The header of a log: everything about a run that its grading needs."""

import math
import platform
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np

from simulator import __version__
from simulator.actions import ACTIONS
from simulator.director.injects import BoundInject
from simulator.director.objectives import RATIOS, Limit
from simulator.run import FORMAT
from simulator.setting import Setting

# An objective's budget unless its author states another: this part of the drill's length.
DEFAULT_BUDGET = 10


def header(
    setting: Setting, seed: int, responder: str, twin: str, injects: Iterable[BoundInject]
) -> dict[str, Any]:
    """The data of the header event, times in ms.

    Parameters
    ----------
    responder : str
        The name of the responder.
    twin : str
        Empty for the run itself.
    injects : iterable of BoundInject
        The injects that this run will have.
    """
    scenario = setting.scenario
    return {
        "format": FORMAT,
        "scenario": scenario.name,
        "version": scenario.version,
        "title": scenario.title,
        "type": scenario.type,
        "seed": seed,
        "responder": responder,
        "twin": twin or None,
        "plays": scenario.plays,
        "starts_at": scenario.starts_at.isoformat(),
        "duration": scenario.duration,
        "warm_up": scenario.warm_up,
        "tick": scenario.tick,
        "scrape": scenario.scrape_interval,
        "hold": scenario.hold,
        "objectives": {
            name: _terms(limit, scenario.duration) for name, limit in setting.objectives.items()
        },
        "expect": scenario.expect.model_dump(by_alias=True, mode="python"),
        "faults": [
            {
                "id": inject.id,
                "name": inject.name,
                "type": inject.fault.type,
                "target": inject.target,
                "at": inject.at,
            }
            for inject in injects
            if inject.fault
        ],
        "needs": msgspec.to_builtins(setting.needs),
        "talk": [name for name in ACTIONS.names() if ACTIONS.get(name).effect != "world"],
        "programs": {
            "ml-gameday": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
    }


def _terms(limit: Limit, duration: int) -> dict[str, Any]:
    bounds = {"min": limit.low, "max": limit.high}
    finite: dict[str, Any] = {key: value for key, value in bounds.items() if math.isfinite(value)}
    unit = "ratio" if limit.name in RATIOS else "seconds"
    budget = duration // DEFAULT_BUDGET if limit.budget is None else limit.budget
    terms = {"window": limit.window, "unit": unit, "budget": budget, "weight": limit.weight}
    return {**finite, **terms}
