"""Prometheus evaluates no rules."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType


@part
class RulesStalled(OwnerFault):
    """Rule groups miss their evaluations while scrapes go on: one query holds them all up.

    Nothing new fires. What fires already is not sent again, so Alertmanager takes it for
    resolved about four minutes after it was last sent, and says so to whoever was paged.
    Whoever owns Prometheus mends it (`fix_upstream`).
    """

    type: ClassVar[IncidentType] = IncidentType.PIPELINE
    on: ClassVar[str] = "prometheus"

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        params.bends.monitoring.rules_stalled.append(bite.fault)
