"""Alertmanager is not there."""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.faults import Bite, Fault
from simulator.pipeline.watching import ALERTMANAGER, Failing
from simulator.pipeline.world import Params, World
from simulator.registry import part


@part
class AlertmanagerDown(Fault):
    """Alertmanager's process is gone: alerts fire and nobody is told.

    Its own target is `up` 0. Started again it knows its silences and what it last sent; the
    alerts that fire then are posted within a minute and notified at once, if they are old.
    Whoever owns it starts it (`fix_upstream`).
    """

    type: ClassVar[str] = "pipeline"
    on: ClassVar[str] = "alertmanager"

    def fact(self, world: World) -> Any:
        return world.revision[self.target]

    def bend(self, params: Params, world: World, bite: Bite) -> None:
        params.watching.alertmanager_down.append(bite.fault)
        params.watching.scrapes.setdefault(ALERTMANAGER, []).append(Failing(bite.fault))
