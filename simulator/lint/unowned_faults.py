"""Faults that only an owner can mend, where nobody owns what they bite on.

No mistake, since a drill may be about just that; but a warning, since it mostly is a gap in the
on-call file: whom shall the responder call?
"""

from __future__ import annotations

from simulator.faults import OwnerFault
from simulator.setting.bound_scenario import BoundScenario
from simulator.setting.components import declared_owners
from simulator.source import Complaint, Document
from simulator.units import did_you_mean


def warnings(document: Document, bound: BoundScenario) -> list[Complaint]:
    """A warning for each such fault.

    Parameters
    ----------
    document : Document
        Of a scenario.
    bound : BoundScenario
        What its names turned out to be.
    """
    owned = {name for team in bound.oncall.teams.values() for name in team.owns}
    return [
        document.complaint_at(
            ("injects", i, "fault"),
            f"only its owner can mend it, and {_nobody(one.target, bound)}",
        )
        for i, one in enumerate(bound.injects)
        if isinstance(one.fault, OwnerFault) and one.target not in owned
    ]


def _nobody(target: str, bound: BoundScenario) -> str:
    """Why nobody owns it."""
    teams = bound.oncall.teams
    name = declared_owners(bound.pipeline).get(target)
    if name is not None:
        return f"{target} belongs to {name}, who is not on call{did_you_mean(name, teams)}"
    return f"no team of the on-call file owns {target}"
