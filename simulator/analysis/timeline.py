"""A run and its twins, read once."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from simulator.analysis.attribution import Attribution
from simulator.analysis.evidence import Evidence, EvidenceFinder
from simulator.analysis.harm import HarmByFault
from simulator.analysis.incident_marks import incidents, pages_about
from simulator.analysis.marks import Incident, Marks
from simulator.analysis.need_record import NeedRecord
from simulator.analysis.need_records import evaluate_needs
from simulator.analysis.onsets import Onset
from simulator.analysis.page_history import PageHistory
from simulator.analysis.run_record import RunRecord
from simulator.analysis.severity_path import SeverityChange, declared_path, severity_path
from simulator.analysis.team_calls import TeamCalls
from simulator.analysis.worth import Worth, worth_of
from simulator.run import NO_FAULT, NONE, Run, leave_one_out_name


class Timeline(RunRecord):
    """The facts of a run and its twins; each is computed once, when it is first read.

    Parameters
    ----------
    twins : mapping of str to Run, optional
        By their names; by default the run's. With an empty mapping the timeline has the facts of
        the log alone.
    """

    def __init__(self, run: Run, twins: Mapping[str, Run] | None = None) -> None:
        super().__init__(run)
        self.twins = dict(run.twins if twins is None else twins)
        self._of_twins: dict[str, Timeline] = {}

    @cached_property
    def without_twins(self) -> "Timeline":
        """The timeline of the log alone: no twin may change a verdict."""
        return Timeline(self.run, {}) if self.twins else self

    def of_twin(self, name: str) -> "Timeline | None":
        """The timeline of a twin; None if there is no such twin."""
        if name not in self.twins:
            return None
        if name not in self._of_twins:
            self._of_twins[name] = Timeline(self.twins[name], {})
        return self._of_twins[name]

    def yardstick(self, name: str, shared: Sequence[str]) -> "Timeline | None":
        """A twin beside twins of its own, which it shares with the run; None without it."""
        if name not in self.twins:
            return None
        twin = Timeline(self.twins[name], {n: self.twins[n] for n in shared if n in self.twins})
        twin._of_twins = self._of_twins  # so that each is read once
        return twin

    @cached_property
    def without(self) -> Mapping[Onset, "Timeline"]:
        """The twin without each of several faults, in order of onset.

        Empty for a single fault, and if a twin is missing: faults are separable only if each of
        them was left out once.
        """
        twins = [(onset, self.of_twin(leave_one_out_name(onset.id))) for onset in self.onsets]
        present = {onset: twin for onset, twin in twins if twin is not None}
        separable = 1 < len(twins) == len(present) and NO_FAULT in self.twins
        return present if separable else {}

    @cached_property
    def attribution(self) -> Attribution:
        """Which fault caused an alert."""
        return Attribution(self, self.of_twin(NO_FAULT), self.of_twin(NONE), self.without)

    @cached_property
    def harm(self) -> HarmByFault | None:
        """The harm of each of several faults; None for a single fault, or if a twin is missing."""
        no_fault = self.of_twin(NO_FAULT)
        return HarmByFault.of(self, no_fault, self.without) if no_fault and self.without else None

    @cached_property
    def incidents(self) -> Sequence[Incident]:
        """The marks of every fault, in order of onset."""
        no_fault = self.of_twin(NO_FAULT)
        return incidents(self, no_fault, self.attribution, self.harm, self.has_evidence)

    @cached_property
    def evidence(self) -> Sequence[Evidence] | None:
        """What the players saw of the faults, in order of time; None without the twin it needs."""
        no_fault = self.of_twin(NO_FAULT)
        return None if no_fault is None else EvidenceFinder(self, no_fault).seen

    def has_evidence(self, t: int) -> bool:
        """Whether the players had seen evidence of a fault by a time, ms; True where unknown."""
        return self.evidence is None or any(item.t <= t for item in self.evidence)

    @cached_property
    def need_records(self) -> Sequence[NeedRecord]:
        """Whom the run needed, from when on, and when each was reached."""
        return evaluate_needs(self)

    @cached_property
    def needless_calls(self) -> Mapping[str, int]:
        """The teams that the players called without any need, and when first, ms.

        A fault that ends before it lands needs nobody any more: whose call ended it was needed. The
        teams of the own policy are called by it anyway, and who must be informed may be.
        """
        needed = {*self.header.expect.must_page}
        needed |= {team for team, hops in self.header.hops.items() if hops == 0}
        begun = [
            need
            for need in self.needs
            if self.onset_of(need.fault) is not None
            or (need.reason == "inform" and need.severity is None)
        ]
        needed = needed.union(
            *({record.team, *record.need.via} for record in self.need_records),
            *({*need.teams, *need.via} for need in begun),
        )
        calls = TeamCalls(self).by_players
        return {team: t for team, t in calls.items() if team not in needed}

    @cached_property
    def right_severity(self) -> Sequence[SeverityChange]:
        """The right severity over time; empty if neither author nor on-call file says."""
        return severity_path(self)

    @cached_property
    def declared_severity(self) -> Sequence[SeverityChange]:
        """The severity over time that the responders declared."""
        return declared_path(self)

    @cached_property
    def worth(self) -> Worth | None:
        """The worth of the run and of each order; None without twins."""
        return worth_of(self.run, self.twins)

    def pages_about(self, incident: Incident) -> list[PageHistory]:
        """The pages to the played team that an incident may have caused."""
        fault = Onset(incident.id, incident.marks.onset or 0)
        return pages_about(self, self.attribution, fault)

    def is_harmless(self, marks: Marks) -> bool:
        """Whether one of several faults is known to have done no harm."""
        return bool(self.without) and len(self.truth.times) > 0 and marks.impact is None
