"""Skills that name nothing in the pipeline.

An on-call file may serve several pipelines, so that this is a warning: such a skill shows its
owner nothing here.
"""

from collections.abc import Iterator

from simulator.setting.bound_scenario import BoundScenario
from simulator.source import Complaint, Document
from simulator.units import did_you_mean


def warnings(document: Document, bound: BoundScenario) -> Iterator[Complaint]:
    """Warnings about the skills of a scenario's people."""
    by_kind = bound.organisation.components
    names = dict.fromkeys([*by_kind, *(name for kind in by_kind.values() for name in kind)])
    for person, entry in bound.oncall.people.items():
        for number, skill in enumerate(entry.skills):
            if skill not in names:
                at = ("oncall", "people", person, "skills", number)
                text = f"nothing in this pipeline is called {skill!r}{did_you_mean(skill, names)}"
                yield document.complaint_at(at, text)
