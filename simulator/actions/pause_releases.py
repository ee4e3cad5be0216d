"""Nothing new goes out."""

from __future__ import annotations

from typing import ClassVar

from simulator.actions import Acting, Action, Site
from simulator.registry import Args, part


@part
class PauseReleases(Action):
    """Stop promotions and releases, or let them go on."""

    leaves: ClassVar[tuple[str, ...]] = ("paused_releases",)
    undo: ClassVar[tuple[str, Args]] = ("pause_releases", {"pause": False})

    pause: bool = True
    """false lets them go on."""

    def act(self, site: Site) -> Acting:
        yield 10_000
        site.world.releases.paused = self.pause
        return "releases are paused" if self.pause else "releases go on"
