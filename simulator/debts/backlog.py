"""A feature view is behind its schedule."""

from simulator.debts import Debt, Params, Snapshot, World, part
from simulator.pipeline.jobs import dag

# Intervals of a job's schedule by which its view may be behind.
INTERVALS = 2.5


@part
class Backlog(Debt):
    """A feature view is older than two and a half intervals of its job; a run pays it."""

    rank = 3

    def is_owed(self, snapshot: Snapshot) -> bool:
        world, params = snapshot.world, snapshot.params
        return any(_is_behind_schedule(world, params, view) for view in world.store.through)


def _is_behind_schedule(world: World, params: Params, view: str) -> bool:
    job = next((law for law in params.jobs if law.view == view and law.scheduled), None)
    if job is None:
        return False
    i = dag.index(params, job.name)
    allowed = INTERVALS * dag.period(world, params, i) + int(world.jobs.last_duration[i])
    return world.now - world.store.through[view] > allowed
