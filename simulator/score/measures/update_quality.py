"""`update_quality`: status updates to those who wait, in time, often enough and true."""

from simulator.analysis.reader_updates import reader_updates
from simulator.registry import part
from simulator.score.grading import Grading
from simulator.score.measure import Measure
from simulator.score.measurement import Measurement
from simulator.score.time_limits import stated_limits
from simulator.score.update_parts import coverage_part, first_update_part, true_part
from simulator.units.wording import format_count, format_duration


@part
class UpdateQuality(Measure):
    """The product of a first update in time, of the share of the incident that updates covered,
    and of the share of the facts in them that were true then.
    """

    unit = "ratio"
    lower_is_better = False

    def measure(self, grading: Grading) -> Measurement:
        """The product; 0 without any update, None where nobody had to be informed."""
        updates = reader_updates(grading.timeline)
        limits = stated_limits(grading.rubric.time, "update")
        assert limits is not None, "every rubric states it"
        if updates is None:
            return Measurement.missing("nobody had to be informed", unit=self.unit)
        length = updates.end - updates.start
        times = [max(0, t - updates.start) for t in updates.times]
        since_noticed = [max(0, t - updates.noticed) for t in updates.times]
        true, false = updates.true_facts, updates.false_facts
        first = first_update_part(since_noticed, limits)
        coverage = coverage_part(length, times, limits.limit) if times else 0.0
        share = true_part(true, false)
        if not times:
            why = f"no update in {format_duration(length)}"
        else:
            count = format_count(len(times), "updates")
            noticed = "the first page" if updates.noticed > updates.start else "the impact"
            since = f"the first {format_duration(since_noticed[0])} after {noticed}"
            why = f"{count} in {format_duration(length)}, {since}"
            if true + false:
                why += f"; {true} of {format_count(true + false, 'stated facts')} true"
        return Measurement(
            first * coverage * share,
            self.unit,
            parts={"first": first, "coverage": coverage, "true": share},
            why=why,
            events=updates.lines,
        )
