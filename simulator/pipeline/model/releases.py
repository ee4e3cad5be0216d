"""What is deployed where, and what it replaced: the facts that a rollback changes."""

from __future__ import annotations

from collections.abc import Collection

from simulator.pipeline.model.retraining import promote
from simulator.pipeline.world import World

MODEL = "model"
SERVING = "serving"


def running(world: World, target: str) -> int:
    """The version of the model, or the build of a component, that is deployed."""
    if target == MODEL:
        return world.releases.model
    return world.releases.build[target]


def there(world: World, target: str) -> Collection[int]:
    """The versions of the model, or the builds of a component, that can be deployed."""
    if target == MODEL:
        return world.versions
    return world.releases.builds[target]


def deploy(world: World, target: str, number: int, share: float = 1.0) -> None:
    """Release a version of the model or a build of a component.

    Serving pods are replaced one after the other by the cluster; a job's next attempt
    runs the new build. A version of the model may get a `share` of the requests only: it is
    the canary then, and the champion stays what it is.
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
        _set(world, target, number)


def roll_back(world: World, target: str) -> int | None:
    """Deploy what was there before; None if there is nothing to go back to.

    A canary is withdrawn first: what was there before it is the champion.
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
    _set(world, target, number)
    return number


def _set(world: World, target: str, build: int) -> None:
    world.releases.build[target] = build
    world.releases.builds[target].add(build)
    if target == SERVING:
        world.cluster.build = build
