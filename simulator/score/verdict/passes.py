"""Why a run passed."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.analysis.marks import Incident
from simulator.analysis.need_record import line_numbers
from simulator.run.events import EndedEvent, ObjectiveEvent, PageEvent
from simulator.scenario.rubric import Rubric
from simulator.score.endings import self_ended_at
from simulator.score.verdict.reason import VerdictReason
from simulator.units.wording import hhmm


def passes(log: Timeline, rubric: Rubric) -> Iterator[VerdictReason]:
    """What held, and which incidents no order ended."""
    mitigated = [i.marks.mitigate for i in log.incidents if i.marks.mitigate is not None]
    if bool(log.truth.all_inside.all()) or not mitigated:
        answered = " and every page was acknowledged" if log.pages_to_played_team else ""
        pages = (page for page in log.run.of(PageEvent) if page.state == "acknowledged")
        lines = line_numbers(log.run, pages)
        yield VerdictReason(f"every objective held{answered}", "passes", lines)
        return
    last = max(mitigated)
    over = f"every objective was back inside by {hhmm(last)} and stayed so"
    held = [e for e in log.run.of(ObjectiveEvent) if e.state == "held" and e.t <= last]
    ended = [(i, t) for i in log.incidents if (t := self_ended_at(log, i)) is not None]
    by_itself = [_ended(log, incident) for incident, _ in ended]
    yield VerdictReason(
        "; ".join([over, *(f"{i.id} ended by itself at {hhmm(t)}" for i, t in ended)]),
        "passes",
        line_numbers(log.run, [*held[-1:], *by_itself]),
    )


def _ended(log: Timeline, incident: Incident) -> EndedEvent | None:
    ends = (event for event in log.run.of(EndedEvent) if event.fault == incident.id)
    return next((event for event in ends if event.why == "for"), None)
