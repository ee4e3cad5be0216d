"""Common fields of all stages."""

from simulator.scenario.base import Frozen, Name, Text


class AnyStage(Frozen):
    """Common fields of stages."""

    after: tuple[Name, ...] = ()
    """The stages before it."""
    owner: Name | None = None
    """The team that can fix it."""
    plays: Text | None = None
    """The real system that it plays in metrics and logs: kafka, feast, airflow, kserve."""
