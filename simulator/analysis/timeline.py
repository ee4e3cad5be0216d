"""A run and its twins, read once."""

from collections.abc import Mapping
from functools import cached_property

from simulator.analysis.attribution import Attribution
from simulator.analysis.harm import HarmByFault
from simulator.analysis.marks import Incident, incidents
from simulator.analysis.run_record import RunRecord
from simulator.run import Run


class Timeline(RunRecord):
    """What follows from a run and its twins; everything is computed once, when it is first read.

    Parameters
    ----------
    twins : mapping of str to Run, optional
        By their names; by default the run's. With an empty mapping the timeline is what follows
        from the log alone.
    """

    def __init__(self, run: Run, twins: Mapping[str, Run] | None = None) -> None:
        super().__init__(run)
        self.twins = dict(run.twins if twins is None else twins)
        self._of_twins: dict[str, Timeline] = {}

    @cached_property
    def without_twins(self) -> "Timeline":
        """What follows from the log alone: no twin may change a verdict."""
        return Timeline(self.run, {}) if self.twins else self

    def of_twin(self, name: str) -> "Timeline | None":
        """The timeline of a twin; None if there is none."""
        if name in self.twins and name not in self._of_twins:
            self._of_twins[name] = Timeline(self.twins[name], {})
        return self._of_twins.get(name)

    @cached_property
    def attribution(self) -> Attribution:
        """Which fault caused an alert."""
        return Attribution(self.run, self.twins)

    @cached_property
    def harm(self) -> HarmByFault | None:
        """The harm of each of several faults; None for a single fault, or if a twin is missing."""
        return HarmByFault.of(self.run, self.twins)

    @cached_property
    def incidents(self) -> tuple[Incident, ...]:
        """The marks of every fault, in order of onset."""
        return tuple(incidents(self.run, self.twins))
