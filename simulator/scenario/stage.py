"""What every stage of a pipeline has."""

from simulator.scenario.base import Frozen, Name, Text


class AnyStage(Frozen):
    """What every stage has."""

    after: tuple[Name, ...] = ()
    """The stages that come before it."""
    owner: Name | None = None
    """The team that can mend it."""
    plays: Text | None = None
    """The real system whose names its metrics and logs carry: kafka, feast, airflow, kserve."""
