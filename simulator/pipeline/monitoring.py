"""The laws of what watches the pipeline: scrapes, rules, Alertmanager, receivers.

Monitoring is no part of the pipeline, and yet it breaks as a part of it would: a fault bends
its laws too, so they stand here, where faults can reach them. Telemetry and alerting obey
them; the pipeline itself never looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from simulator.streams import uniforms

# What monitoring consists of, besides scrape jobs and receivers: names for `fix_upstream`.
PROMETHEUS = "prometheus"
ALERTMANAGER = "alertmanager"


class Failing(NamedTuple):
    """A share of some work that goes wrong, for the sake of a fault."""

    fault: str
    share: float = 1.0


@dataclass
class Watching:
    """How well the team's eyes work in one tick; in the base everything does.

    Examples
    --------
    >>> laws = Watching(scrapes={"kserve": [Failing("lost")]})
    >>> failed(laws.scrapes.get("kserve", ()), "kserve", 4, seed=7)
    ['lost']
    >>> failed(laws.scrapes.get("feast", ()), "feast", 4, seed=7)
    []
    """

    scrapes: dict[str, list[Failing]] = field(default_factory=dict)  # of a job's target
    receivers: dict[str, list[Failing]] = field(default_factory=dict)  # notifications to it
    rules_stalled: list[str] = field(default_factory=list)  # faults that hold rule evaluation
    alertmanager_down: list[str] = field(default_factory=list)  # faults that keep it down


def failed(laws: Iterable[Failing], what: str, attempt: int, seed: int) -> list[str]:
    """The faults for which one attempt goes wrong.

    Each attempt has its luck from birth: what happened to those before does not shift it.

    Parameters
    ----------
    laws : iterable of Failing
    what : str
        Who is tried: a name for the dice.
    attempt : int
        Number of the attempt, not negative; for scrapes their time.
    seed : int
    """
    found = list(laws)
    if not found:
        return []
    luck = float(uniforms(np.array([attempt], np.uint64), f"watching/{what}", seed)[0])
    return [one.fault for one in found if luck < one.share]
