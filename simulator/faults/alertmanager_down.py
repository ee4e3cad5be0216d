"""Alertmanager is not there."""

from __future__ import annotations

from typing import ClassVar

from simulator.faults import Bite, OwnerFault
from simulator.pipeline.laws import Params
from simulator.pipeline.monitoring import ALERTMANAGER, Failing
from simulator.pipeline.world import World
from simulator.registry import part
from simulator.units import IncidentType


@part
class AlertmanagerDown(OwnerFault):
    """Alertmanager's process is gone: alerts fire and nobody is told.

    Its own target is `up` 0. Started again it knows its silences and what it last sent; the
    alerts that fire then are posted within a minute and notified at once, if they are old.
    Whoever owns it starts it (`fix_upstream`).
    """

    type: ClassVar[IncidentType] = IncidentType.PIPELINE
    on: ClassVar[str] = "alertmanager"

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        params.bends.monitoring.alertmanager_down.append(bite.fault)
        params.bends.monitoring.scrapes.setdefault(ALERTMANAGER, []).append(Failing(bite.fault))
