"""`escalation_quality`: the right people, in time, with the right facts."""

from simulator.analysis.escalation_record import escalation_record
from simulator.analysis.severity_segments import severity_segments
from simulator.registry import part
from simulator.score.escalations import grade_escalation
from simulator.score.grading import Grading
from simulator.score.measure import Measure
from simulator.score.measurement import Measurement
from simulator.score.time_limits import stated_limits


@part
class EscalationQuality(Measure):
    """The weighted geometric mean of decision, target, timeliness, severity, handoff, hops and
    acceptance, against whom the run needed and what was true then.
    """

    unit = "ratio"
    lower_is_better = False

    def measure(self, grading: Grading) -> Measurement:
        """The quality, and all its parts."""
        timeline = grading.timeline
        if not timeline.incidents and not timeline.pages_to_played_team:
            return Measurement.missing(
                "nothing happened that somebody could be called for", unit=self.unit
            )
        record = escalation_record(timeline)
        limits = stated_limits(grading.rubric.time, "escalate")
        assert limits is not None, "every rubric states it"
        graded = grade_escalation(record, [*severity_segments(timeline)], limits)
        lines = {line for call in (*record.owed, *record.needless) for line in call.lines}
        return Measurement(
            graded.parts.quality,
            self.unit,
            parts=graded.parts._asdict(),
            why=graded.why,
            events=tuple(sorted(lines)),
        )
