"""Rule: the limits of the scenario's `expect`."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.analysis.need_record import line_numbers
from simulator.run.events import InjectEvent, ObjectiveEvent
from simulator.scenario.rubric import Rubric
from simulator.score.verdict.breach_wording import breach_lines
from simulator.score.verdict.reason import VerdictReason
from simulator.units.wording import format_duration, hhmm

RULE = "expectations"


def expectations(log: Timeline, rubric: Rubric) -> Iterator[VerdictReason]:
    """A limit of the scenario that was passed fails."""
    expect = log.header.expect
    for mark, limit in (
        ("mitigate", expect.mitigate_within),
        ("acknowledge", expect.acknowledge_within),
        ("recover", expect.recover_within),
    ):
        if limit is not None:
            yield from _late(log, mark, limit)
    paged = {page.team for page in log.page_histories if page.first_in("sent") is not None}
    for team in expect.must_page:
        if team not in paged:
            yield VerdictReason(f"{team} was never paged, which this drill requires", RULE)
    for action in expect.must_not:
        yield from _forbidden(log, action)
    yield from _over_budget(log)


def _late(log: Timeline, mark: str, limit: int) -> Iterator[VerdictReason]:
    """The incidents whose mark came too late, counted from the first breach after the onset."""
    for incident in log.incidents:
        onset = incident.marks.onset or 0
        breach = log.truth.first_breach(onset)
        if breach is None and mark in {"mitigate", "recover"}:
            continue
        start = breach.t if breach else onset
        at, subject = incident.marks[mark], f"{mark} of {incident.id}"
        onsets = (event for event in log.run.of(InjectEvent) if event.id == incident.id)
        lines = line_numbers(log.run, onsets)
        if breach is not None:
            lines += breach_lines(log, breach.objective, breach.t)
        allowed = format_duration(limit)
        if at is not None and at - start > limit:
            took = format_duration(at - start)
            yield VerdictReason(f"{subject} took {took}, longer than {allowed}", RULE, lines)
        elif at is None and mark != "mitigate" and log.end - start > limit:
            yield VerdictReason(f"{subject} did not happen within {allowed}", RULE, lines)


def _forbidden(log: Timeline, action: str) -> Iterator[VerdictReason]:
    orders = [
        order
        for order in log.graded_orders
        if order.action == action and order.state in {"done", "unknown"} and order.done is not None
    ]
    if orders:
        first = min(order.done or 0 for order in orders)
        text = f"{action} was ordered at {hhmm(first)}, which this drill forbids"
        yield VerdictReason(text, RULE, tuple(n for order in orders for n in order.lines))


def _over_budget(log: Timeline) -> Iterator[VerdictReason]:
    """The objectives that were breached for too long; the warm-up does not count."""
    for name, limit in log.header.expect.budget.items():
        outside = round(1000 * (log.truth.seconds_outside(name) or 0))
        if outside > limit:
            yield VerdictReason(
                f"{name} was breached for {format_duration(outside)} in all, "
                f"longer than {format_duration(limit)}",
                RULE,
                line_numbers(log.run, (e for e in log.run.of(ObjectiveEvent) if e.name == name)),
            )
