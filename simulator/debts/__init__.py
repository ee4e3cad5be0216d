"""What a fault or an order leaves behind until somebody pays it, one debt a file.

Mitigated is not recovered: rows in the wrong unit may still lie in the store, a model may
have learnt from them, a silence may still hold. A debt is a fact of the world, not a record
of who made it::

    @part
    class PausedReleases(Debt):
        '''Releases are paused.'''

        def is_owed(self, snapshot):
            return snapshot.world.releases.paused

A fault or an action names the debts that it leaves in its `leaves`.
"""

from dataclasses import dataclass
from typing import ClassVar

from simulator.pipeline.laws import Params
from simulator.pipeline.world import World
from simulator.registry import Part, Registry, part
from simulator.units import IncidentType

__all__ = ["DEBTS", "Debt", "IncidentType", "Params", "Snapshot", "World", "by_rank", "part"]


@dataclass(frozen=True)
class Snapshot:
    """The facts that debts are read from, at one scrape."""

    world: World
    params: Params  # the unbent laws
    silences: int  # in force now
    initial_replicas: int  # desired at the start of the drill


class Debt(Part):
    """Base of all debts.

    Class attributes
    ----------------
    rank : debts that change at one scrape are logged by rank, then by name.
    against : the types of incidents that it may hold off, beside those whose right moves leave it.
    """

    rank: ClassVar[int] = 100
    against: ClassVar[tuple[IncidentType, ...]] = ()

    def is_owed(self, snapshot: Snapshot) -> bool:
        """Whether it is owed now."""
        raise NotImplementedError


DEBTS: Registry[Debt] = Registry("simulator.debts", Debt, "debt")


def by_rank() -> list[Debt]:
    """Every debt, in the order in which their changes are logged."""
    return [cls() for cls in sorted(DEBTS.all().values(), key=lambda cls: (cls.rank, cls.kind))]
