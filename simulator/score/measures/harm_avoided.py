"""`harm_avoided`: the share of the avoidable harm that was avoided."""

from typing import ClassVar

from simulator.analysis.need_record import line_numbers
from simulator.registry import part
from simulator.run.events import ObjectiveEvent
from simulator.score.avoided_harm import harm_avoided
from simulator.score.grading import Grading
from simulator.score.measure import Measure
from simulator.score.measurement import Measurement
from simulator.score.time_between import NO_TWINS
from simulator.units.wording import format_duration


@part
class HarmAvoided(Measure):
    """The harm that nobody's run has and this one has not, as a share of what the reference avoids.

    The unit of harm is the second outside of an objective, with the objective's weight.
    """

    unit: ClassVar[str] = "ratio"
    lower_is_better: ClassVar[bool | None] = False

    def measure(self, grading: Grading) -> Measurement:
        """0 to 1; `why` says where the run was worse than doing nothing."""
        worth = grading.timeline.worth
        if worth is None or worth.none is None or worth.reference is None:
            return Measurement.missing(NO_TWINS, "no_twins", self.unit)
        warm_up = grading.timeline.header.warm_up
        spent = {"run": worth.run, "nobody": worth.none, "the reference": worth.reference}
        parts: dict[str, float | None] = {f"{who} seconds": s for who, s in spent.items()}
        why = ", ".join(f"{who} {format_duration(1000 * s)}" for who, s in spent.items())
        why = f"outside of objectives: {why}"
        share = harm_avoided(worth.run, worth.none, worth.reference)
        if share is None:
            nothing = "nobody does as well as the reference: there is no harm to avoid"
            return Measurement.missing(nothing, unit=self.unit)
        if share < 0:
            why += "; worse than doing nothing"
        changes = [e for e in grading.timeline.run.of(ObjectiveEvent) if e.t >= warm_up]
        lines = line_numbers(grading.timeline.run, changes)
        value = min(max(share, 0.0), 1.0)
        return Measurement(value, self.unit, parts, why, events=lines, par=1.0)
