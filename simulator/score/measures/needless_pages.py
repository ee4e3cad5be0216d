"""`needless_pages`: teams that were called without a need."""

from simulator.analysis.team_calls import first_calls
from simulator.registry import part
from simulator.score.grading import Grading
from simulator.score.measure import Measure
from simulator.score.measurement import Measurement
from simulator.score.mistake_count import name_some
from simulator.units.wording import hhmm


@part
class NeedlessPages(Measure):
    """Teams that the players called and nobody needed; each was interrupted."""

    unit = "teams"

    def measure(self, grading: Grading) -> Measurement:
        """Count the teams."""
        calls = grading.timeline.needless_calls
        return Measurement(
            float(len(calls)),
            self.unit,
            why=name_some([f"{team} at {hhmm(t)}" for team, t in calls.items()])
            or "there was none",
            events=first_calls(grading.timeline, calls),
        )
