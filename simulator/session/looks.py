"""Looks: what a player asked, and the start of the answer."""

from collections.abc import Sequence

from simulator.promql import Result
from simulator.run.events import LookEvent
from simulator.telemetry.log_lines import LogLine


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
