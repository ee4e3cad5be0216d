"""A grading: a run with its twins and a rubric, each measure and capability computed once."""

from functools import cached_property
from typing import Any

import msgspec

from simulator.analysis import Timeline
from simulator.analysis.marks import Incident
from simulator.registry import Part, Registry
from simulator.run import NO_FAULT, NONE
from simulator.run.counterfactuals import REFERENCE
from simulator.scenario.rubric import Rubric
from simulator.score.capability_score import CapabilityScore
from simulator.score.measurement import Measurement
from simulator.score.time_limits import derived_limits, stated_limits
from simulator.score.utility import TimeLimits

# Any: `Measure` and `Capability` read a `Grading`, which so cannot know them.
MEASURES: Registry[Any] = Registry("simulator.score.measures", Part, "measure")
CAPABILITIES: Registry[Any] = Registry("simulator.score.capabilities", Part, "capability")


class Grading:
    """What measures and capabilities read: a run, its yardsticks, the rubric.

    Parameters
    ----------
    timeline : Timeline
        Of the run. Without its twins there are no yardsticks.
    rubric : Rubric
    """

    def __init__(self, timeline: Timeline, rubric: Rubric) -> None:
        self.timeline, self.rubric = timeline, rubric
        self._measured: dict[str, Measurement] = {}
        self._by_incident: dict[tuple[str, str], Measurement | None] = {}
        self._scored: dict[tuple[str, str], CapabilityScore] = {}

    @cached_property
    def reference(self) -> Timeline | None:
        """The reference playbook's answer to the same drill; None without it."""
        if self.timeline.header.reference or self.timeline.header.twin == REFERENCE:
            return self.timeline
        return self._yardstick(REFERENCE)

    @cached_property
    def nobody(self) -> Timeline | None:
        """The same drill without any answer; None without it."""
        if self.timeline.header.responder == "none":
            return self.timeline
        return self._yardstick(NONE)

    def _yardstick(self, name: str) -> Timeline | None:
        return self.timeline.yardstick(name, (NO_FAULT, NONE, REFERENCE))

    @cached_property
    def of_reference(self) -> "Grading | None":
        """The grading of the reference: its measures are par."""
        if self.reference is None:
            return None
        return self if self.reference is self.timeline else Grading(self.reference, self.rubric)

    def measured(self, name: str) -> Measurement:
        """A measure of the run."""
        if name not in self._measured:
            self._measured[name] = MEASURES.get(name)().measure(self)
        return self._measured[name]

    def measured_with_par(self, name: str) -> Measurement:
        """A measure of the run, and its par."""
        measured, reference = self.measured(name), self.of_reference
        if reference is None or measured.par is not None:
            return measured
        return msgspec.structs.replace(measured, par=reference.measured(name).value)

    def measured_incident(self, name: str, incident: Incident) -> Measurement | None:
        """A measure of one incident; None if it has nothing to measure."""
        key = (name, incident.id)
        if key not in self._by_incident:
            self._by_incident[key] = MEASURES.get(name)().measure_incident(self, incident)
        return self._by_incident[key]

    def scored(self, name: str) -> CapabilityScore:
        """The score of a capability; N/A where the rubric says so."""
        if name in self.rubric.not_rated:
            return CapabilityScore.not_shown(f"the rubric {self.rubric.name} does not rate it")
        key = (name, "")
        if key not in self._scored:
            self._scored[key] = CAPABILITIES.get(name)().score(self)
        return self._scored[key]

    def scored_incident(self, name: str, incident: Incident) -> CapabilityScore:
        """The score of a capability in one incident."""
        key = (name, incident.id)
        if key not in self._scored:
            self._scored[key] = CAPABILITIES.get(name)().score_incident(self, incident)
        return self._scored[key]

    def time_limits(self, mark: str, incident: Incident) -> TimeLimits | None:
        """The limits of a time from the first harm to a mark; None without limits and twins.

        Parameters
        ----------
        mark : str
            detect, diagnose, mitigate or recover.
        """
        stated = stated_limits(self.rubric.time, mark)
        if stated is not None:
            return stated
        if self.nobody is None:
            return None
        return derived_limits(mark, incident, self.reference, self.nobody)
