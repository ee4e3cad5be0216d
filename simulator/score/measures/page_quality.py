"""`page_quality`: pages for what is wrong, and for nothing else."""

from typing import ClassVar

from simulator.analysis import Timeline
from simulator.analysis.need_record import line_numbers
from simulator.analysis.onsets import Onset
from simulator.registry import part
from simulator.score.grading import Grading
from simulator.score.measure import Measure
from simulator.score.measurement import Measurement
from simulator.score.time_between import NO_TWINS
from simulator.units.wording import format_count


@part
class PageQuality(Measure):
    """F2 of the pages: a fault that nobody noticed weighs four times as much as a false page.

    A page of an alert that a fault caused is right, another one false. A fault that was neither
    paged nor declared is missed; one that did no harm, whoever answered, cannot be.
    """

    unit: ClassVar[str] = "ratio"
    lower_is_better: ClassVar[bool | None] = False

    def measure(self, grading: Grading) -> Measurement:
        """0 to 1; the parts are the counts."""
        timeline = grading.timeline
        if not timeline.attribution.has_twins:
            return Measurement.missing(NO_TWINS, "no_twins", self.unit)
        pages = [p.first for p in timeline.pages_to_played_team if p.first.via == "alert"]
        onsets = [Onset(i.id, i.marks.onset or 0) for i in timeline.incidents]
        right = [p for p in pages if any(timeline.attribution.caused_any(p, o) for o in onsets)]
        missed = missed_faults(timeline)
        noticed = len(timeline.incidents) - len(missed)
        false = len(pages) - len(right)
        # A fault that was declared before any page was noticed as well.
        true = max(len(right), noticed)
        if not true + false + len(missed):
            return Measurement.missing("nothing paged and nothing was to be paged", unit=self.unit)
        value = 5 * true / (5 * true + 4 * len(missed) + false)
        why = f"{format_count(len(right), 'pages')} for a fault, {false} for none"
        if missed:
            why += f"; never noticed: {', '.join(missed)}"
        parts: dict[str, float | None] = {
            "right_count": float(true),
            "false_count": float(false),
            "missed_count": float(len(missed)),
        }
        return Measurement(value, self.unit, parts, why, events=line_numbers(timeline.run, pages))


def missed_faults(timeline: Timeline) -> list[str]:
    """The faults, by their ids, that did harm and were neither paged nor declared."""
    return [
        incident.id
        for incident in timeline.incidents
        if incident.marks.detect is None and incident.marks.impact is not None
    ]
