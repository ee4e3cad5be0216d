"""The marks of an incident: its times, as they follow from a run and its twins.

======================= ====================================================================
onset                   the mechanism changed
landed                  the fault first affected a unit of work
impact                  the first breach that the no-fault twin does not have and, where there
                        are several faults, that is attributed to this one · needs a twin
alert                   the first attributable notification was delivered · needs both twins
detect                  an attributable page reached a person of the played team, or the
                        responder declared, whichever was earlier; a declaration does not count
                        for one of several faults without harm and alerts · needs both twins
acknowledge             the played team acknowledged a page about it
declare                 the responder declared a severity
diagnose                the first correct claim of the cause that no later claim withdrew
cause_removed           the fault itself was over: its cause was removed, or its duration ended
mitigate                every objective back inside until the end, and for at least the hold;
                        where there are several faults and their twins, no more breach that is
                        attributed to this one
recover                 mitigated, and no debt owed any more; where there are several faults
                        and their twins, no debt that is attributed to this one
close                   the responder closed the incident
======================= ====================================================================

A mark is None if it did not happen, or if it needs a twin that is missing. All times are ms.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Marks:
    """The times of one incident, ms; None if it did not happen."""

    onset: int | None = None
    landed: int | None = None
    impact: int | None = None
    alert: int | None = None
    detect: int | None = None
    acknowledge: int | None = None
    declare: int | None = None
    diagnose: int | None = None
    cause_removed: int | None = None
    mitigate: int | None = None
    recover: int | None = None
    close: int | None = None

    def items(self) -> Iterator[tuple[str, int | None]]:
        """Every mark's name and time, in the order of an incident."""
        return iter(asdict(self).items())

    def __getitem__(self, name: str) -> int | None:
        return dict(self.items())[name]


@dataclass(frozen=True)
class Incident:
    """A fault and its marks."""

    id: str
    fault: str
    marks: Marks
