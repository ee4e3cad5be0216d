"""`reopenings`: how often a closed incident came back."""

from typing import ClassVar

from simulator.analysis import Timeline
from simulator.analysis.need_record import line_numbers
from simulator.registry import part
from simulator.run.events import PageEvent
from simulator.score.grading import Grading
from simulator.score.measure import Measure
from simulator.score.measurement import Measurement
from simulator.units.wording import hhmm, join_words


@part
class Reopenings(Measure):
    """How often a page of a fault's alert, or a breach, came after a close: it was not over."""

    unit: ClassVar[str] = "reopenings"

    def measure(self, grading: Grading) -> Measurement:
        """The closes after which the incident came back."""
        reopened = reopenings(grading.timeline)
        closes = join_words([f"{hhmm(close)} ({why})" for close, why, _ in reopened])
        lines = line_numbers(grading.timeline.run, (page for *_, page in reopened))
        why = f"closed at {closes}, and it came back" if reopened else "there was none"
        return Measurement(float(len(reopened)), self.unit, why=why, events=lines)


def reopenings(timeline: Timeline) -> list[tuple[int, str, PageEvent | None]]:
    """Each close after which the incident came back before the next close: ms, why, the page."""
    result: list[tuple[int, str, PageEvent | None]] = []
    closes = [t for t, _ in timeline.done_times("close")]
    begun = min((onset.t for onset in timeline.onsets), default=None)
    for number, close in enumerate(closes):
        if begun is None or close < begun:
            continue
        until = closes[number + 1] if number + 1 < len(closes) else timeline.end + 1
        # Another fault's begin opens another incident.
        until = min([until, *(o.t for o in timeline.onsets if o.t > close)])
        breach = timeline.truth.first_breach(close + 1, until)
        pages = (p for p in timeline.pages_to_played_team if close < p.t < until)
        page = next((p.first for p in pages if p.first.via == "alert"), None)
        if breach is not None and not _was_outside(timeline, close):
            result.append((close, f"{breach.objective.name} was outside at {hhmm(breach.t)}", page))
        elif page is not None:
            result.append((close, f"paged again at {hhmm(page.t)}", page))
    return result


def _was_outside(timeline: Timeline, t: int) -> bool:
    """Whether an objective was outside at a time: such a close was too early, nothing came back."""
    before = timeline.truth.times <= t
    return bool(before.any()) and not bool(timeline.truth.all_inside[before][-1])
