"""Faults that only an owner can fix, on components that nobody owns.

A drill may be about just that; mostly it is a gap in the on-call file, since the responder has
nobody to call. So it is a warning.
"""

from simulator.faults import OwnerFault
from simulator.setting.bound_scenario import BoundScenario
from simulator.setting.components import declared_owners
from simulator.source import Complaint, Document
from simulator.units import did_you_mean


def warnings(document: Document, bound: BoundScenario) -> list[Complaint]:
    """Warnings about such faults of a scenario."""
    owned = {name for team in bound.oncall.teams.values() for name in team.owns}
    return [
        document.complaint_at(
            ("injects", i, "fault"),
            f"only its owner can fix it, and {_explain_unowned(inject.target, bound)}",
        )
        for i, inject in enumerate(bound.injects)
        if isinstance(inject.fault, OwnerFault) and inject.target not in owned
    ]


def _explain_unowned(target: str, bound: BoundScenario) -> str:
    teams = bound.oncall.teams
    owner = declared_owners(bound.pipeline).get(target)
    if owner is not None:
        return f"{target} belongs to {owner}, who is not on call{did_you_mean(owner, teams)}"
    return f"no team of the on-call file owns {target}"
