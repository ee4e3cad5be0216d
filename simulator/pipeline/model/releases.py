"""Releases and rollbacks of model versions and builds of code."""

from collections.abc import Collection

from simulator.pipeline.model.retraining import promote
from simulator.pipeline.world import World

MODEL = "model"
SERVING = "serving"


def deployable(world: World, target: str) -> Collection[int]:
    """The versions of the model, or the builds of a component, that can be deployed."""
    return world.versions if target == MODEL else world.releases.builds[target]


def deploy(world: World, target: str, number: int, share: float = 1.0) -> None:
    """Release a version of the model or a build of a component.

    The cluster replaces serving pods one after the other; a job runs the new build from its next
    attempt on. A version of the model that gets only a `share` of the requests is the canary, and
    the champion stays.
    """
    if target == MODEL and share < 1.0:
        world.releases.canary, world.releases.canary_share = number, share
        return
    if target == MODEL:
        promote(world, number)
        return
    before = world.releases.build[target]
    if number != before:
        world.releases.former_builds[target].append(before)
        _deploy_build(world, target, number)


def roll_back(world: World, target: str) -> int | None:
    """Deploy the previous version or build; None if there is none.

    A canary is withdrawn first: the version before it is the champion.
    """
    if target == MODEL and world.releases.canary:
        world.releases.canary, world.releases.canary_share = 0, 0.0
        return world.releases.model
    if target == MODEL:
        if not world.releases.former_models:
            return None
        world.releases.model = world.releases.former_models.pop()
        return world.releases.model
    if not world.releases.former_builds[target]:
        return None
    number = world.releases.former_builds[target].pop()
    _deploy_build(world, target, number)
    return number


def _deploy_build(world: World, target: str, build: int) -> None:
    world.releases.build[target] = build
    world.releases.builds[target].add(build)
    if target == SERVING:
        world.cluster.build = build
