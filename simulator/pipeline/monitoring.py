"""The laws of the monitoring: scrapes, rules, Alertmanager, receivers.

Monitoring is not a part of the pipeline, but it fails in the same way: faults bend its laws, so
they stand here, within the reach of faults. Telemetry and alerting obey them; the pipeline itself
never reads them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from simulator.streams import uniforms

# Components of the monitoring besides scrape jobs and receivers: names for `fix_upstream`.
PROMETHEUS = "prometheus"
ALERTMANAGER = "alertmanager"


class FailureLaw(NamedTuple):
    """The share of attempts that fail because of a fault."""

    fault: str
    share: float = 1.0


@dataclass
class MonitoringLaws:
    """The failures of the monitoring in one tick; none in the base.

    Examples
    --------
    >>> laws = MonitoringLaws(scrapes={"kserve": [FailureLaw("lost")]})
    >>> failing_faults(laws.scrapes.get("kserve", ()), "kserve", 4, seed=7)
    ['lost']
    >>> failing_faults(laws.scrapes.get("feast", ()), "feast", 4, seed=7)
    []
    """

    scrapes: dict[str, list[FailureLaw]] = field(default_factory=dict)  # by scrape job
    receivers: dict[str, list[FailureLaw]] = field(default_factory=dict)  # of notifications
    rules_stalled: list[str] = field(default_factory=list)  # faults that stop rule evaluation
    alertmanager_down: list[str] = field(default_factory=list)  # faults that keep it down


def failing_faults(laws: Iterable[FailureLaw], name: str, attempt: int, seed: int) -> list[str]:
    """The faults that make one attempt fail.

    The random draw belongs to the attempt: the outcomes of earlier attempts do not shift it.

    Parameters
    ----------
    name : str
        Of the random stream.
    attempt : int
        Number of the attempt, not negative; the time of a scrape.
    """
    laws = list(laws)
    if not laws:
        return []
    draw = float(uniforms(np.array([attempt], np.uint64), f"watching/{name}", seed)[0])
    return [law.fault for law in laws if draw < law.share]
