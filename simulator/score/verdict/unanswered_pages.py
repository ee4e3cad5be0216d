"""Rule: every page to the played team is acknowledged, also one that reopens the incident."""

from collections.abc import Iterator

from simulator.analysis import Timeline
from simulator.analysis.need_record import line_numbers
from simulator.analysis.page_history import PageHistory
from simulator.scenario.rubric import Rubric
from simulator.score.verdict.reason import VerdictReason
from simulator.score.verdict.team_changes import team_changes
from simulator.units.wording import hhmm, join_words


def unanswered_pages(log: Timeline, rubric: Rubric) -> Iterator[VerdictReason]:
    """A page to the played team that nobody acknowledged fails."""
    for page in log.pages_to_played_team:
        if _is_unacknowledged(log, page, rubric):
            subject = join_words([*dict.fromkeys(page.first.alerts)][:3]) or page.first.about
            about = f" ({subject})" if subject else ""
            closed = any(t < page.t for t, _ in log.done_times("close"))
            after = ", which came after the close," if closed else ""
            text = f"the page of {hhmm(page.t)}{about} to {page.team}{after} was never acknowledged"
            yield VerdictReason(text, "unanswered_pages", line_numbers(log.run, page.events))
            return


def _is_unacknowledged(log: Timeline, page: PageHistory, rubric: Rubric) -> bool:
    """Whether a page was tried to deliver and was never acknowledged.

    There has to be time: until the end `good` of the rubric since somebody of the team saw it, or,
    where all of them slept or were busy, `limit` since it was sent. A page that nobody of them saw
    is no failure either if its alerts were resolved, or if another team of its policy took it: they
    hand it back by another page.
    """
    limits = rubric.time.acknowledge
    tried = page.first_in("delivered", "lost", "escalated")
    if tried is None or page.acknowledged is not None or _is_mended(log, page, rubric):
        return False
    if page.seen is not None:
        return log.end - page.seen >= limits.good
    over = page.first_in("resolved", "acknowledged") is not None
    return not over and log.end - tried >= limits.limit


def _is_mended(log: Timeline, page: PageHistory, rubric: Rubric) -> bool:
    """Whether an automation, which need not acknowledge, changed something and its alerts resolved.

    Who waits without a word has not answered.
    """
    resolved, earliest = page.first_in("resolved"), page.t - rubric.time.acknowledge.limit
    if resolved is None or "acknowledgement" not in rubric.not_rated:
        return False
    return any(earliest <= order.t < resolved for order in team_changes(log))
