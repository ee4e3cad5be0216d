"""Evidence of players: what they ask of series and log lines, and the steps of their playbooks.

A look is logged with the start of its answer.
"""

from collections.abc import Sequence

from simulator.promql import PromQLError, Result
from simulator.run.events import LookEvent, StepEvent
from simulator.session.internals import Internals
from simulator.session.journal import Journal
from simulator.session.plain_data import MAX_STEP_TEXT, cut, plain_text
from simulator.telemetry.log_lines import LogLine


class Looks:
    """The looks of the players of one run."""

    def __init__(self, internals: Internals, journal: Journal) -> None:
        self._internals, self._journal = internals, journal

    def query(self, player: str, expr: str) -> Result:
        """Evaluate PromQL now and log it.

        Raises
        ------
        PromQLError
            If it is no text, too long or without an answer.
        """
        now = self._journal.now
        try:
            text = plain_text(expr)
        except ValueError as error:
            self._log_failed(player, cut(expr), error)
            raise PromQLError(str(error)) from None
        try:
            result = self._internals.engine.query(text, now)
        except ValueError as error:
            self._log_failed(player, cut(expr), error)
            raise
        self._journal.write(result_look(now, player, cut(expr), result))
        return result

    def search(self, player: str, pattern: str, since: int) -> list[LogLine]:
        """Search the systems' log lines of the last `since` ms, and log it.

        Raises
        ------
        ValueError
            If the pattern is not valid, or `since` is not a time.
        """
        expr, now = f"log: {cut(pattern)}", self._journal.now
        try:
            lines = self._internals.lines.search(plain_text(pattern), since, now)
        except ValueError as error:
            self._log_failed(player, expr, error)
            raise
        self._journal.write(lines_look(now, player, expr, lines))
        return lines

    def log_step(self, player: str, *texts: str) -> None:
        """Log a step of a player's playbook; its texts are cut."""
        cut_texts = [cut(text, MAX_STEP_TEXT) for text in texts]
        self._journal.write(StepEvent(self._journal.now, player, *cut_texts))

    def _log_failed(self, player: str, expr: str, error: ValueError) -> None:
        """A look without an answer is evidence too."""
        self._journal.write(LookEvent(self._journal.now, player, expr, error=cut(str(error))))


def result_look(t: int, player: str, expr: str, result: Result) -> LookEvent:
    """A query of a player, with the first result and their number."""
    scalar = result.kind == "scalar"
    if not len(result) and not scalar:
        return LookEvent(t, player, expr, count=int(result.kind == "string"))
    labels, value = result.first()
    return LookEvent(t, player, expr, 1 if scalar else len(result), labels, value)


def lines_look(t: int, player: str, expr: str, lines: Sequence[LogLine]) -> LookEvent:
    """A log search of a player, with the last line and their number."""
    last = {"part": lines[-1].part, "text": lines[-1].text} if lines else {}
    return LookEvent(t, player, expr, len(lines), last)
