"""A job is paused."""

from simulator.debts import Debt, IncidentType, Snapshot, part


@part
class PausedJob(Debt):
    """A job is paused: its schedule starts nothing until `pause_job` is lifted."""

    rank = 13
    against = (IncidentType.DATA, IncidentType.PIPELINE, IncidentType.RESOURCES)

    def is_owed(self, snapshot: Snapshot) -> bool:
        return bool(snapshot.world.jobs.paused)
