"""`calls_missed`: the teams that were needed and that nobody called."""

from simulator.analysis.escalation_record import escalation_record
from simulator.registry import part
from simulator.score.grading import Grading
from simulator.score.measure import Measure
from simulator.score.measurement import Measurement
from simulator.units.wording import join_words


@part
class CallsMissed(Measure):
    """Teams that the players had to call and did not; those that an alert reached they had not."""

    unit = "teams"

    def measure(self, grading: Grading) -> Measurement:
        """The number of teams, of those that were needed."""
        record = escalation_record(grading.timeline)
        needed, called = record.needed_teams, record.called_teams
        if not needed:
            return Measurement.missing("nobody was needed", unit=self.unit)
        missed = sorted(needed - called)
        return Measurement(
            float(len(missed)),
            self.unit,
            parts={"needed_count": float(len(needed)), "called_count": float(len(called))},
            why=f"nobody called {join_words(missed)}"
            if missed
            else "all who were needed were called",
            events=tuple(sorted({n for call in record.owed for n in call.lines})),
        )
