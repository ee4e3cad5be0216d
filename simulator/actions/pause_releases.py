"""Pausing releases."""

from simulator.actions import Action, ActionSteps, Site, part


@part
class PauseReleases(Action):
    """Pause promotions and releases, or resume them."""

    effect = "world"
    fixed_target = "model"
    reversible = True
    leaves = ("paused_releases",)
    undo = ("pause_releases", {"pause": False})

    pause: bool = True
    """false resumes them."""

    def act(self, site: Site) -> ActionSteps:
        yield 10_000
        site.world.releases.paused = self.pause
        return "releases are paused" if self.pause else "releases go on"
