"""The questions of a playbook's steps to its door, with their answers in words."""

from typing import NamedTuple

from simulator.promql import PromQLError, Result
from simulator.responders.playbook.findings import Findings, UnresolvedReference
from simulator.session import Door
from simulator.units.wording import format_count, format_sample


class Answer(NamedTuple):
    """Whether a condition is true, and the reason."""

    is_true: bool
    why: str


class Questions:
    """Asks a door what a playbook asks, with the results of former looks filled in."""

    def __init__(self, door: Door, findings: Findings) -> None:
        self._door, self._findings = door, findings

    def is_true(self, expr: str) -> Answer:
        """Whether PromQL returns any sample, or a scalar that is not 0.

        A reference without a result is false, and so is a query that fails: series that exist
        only now can make a valid query fail to match.
        """
        try:
            text = self._findings.fill_text(expr)
            result = self._door.query(text)
        except UnresolvedReference as error:
            return Answer(False, str(error))
        except PromQLError as error:
            return Answer(False, f"{expr}: {error}")
        is_true = bool(result.scalar) if result.kind == "scalar" else bool(result)
        return Answer(is_true, f"{text} -> {_describe(result)}")

    def first(self, expr: str) -> tuple[dict[str, str], str]:
        """The first sample of PromQL, as labels and `value`, and in words.

        Raises
        ------
        UnresolvedReference
        PromQLError
        """
        result = self._door.query(self._findings.fill_text(expr))
        if not _has_sample(result):
            return {}, _describe(result)
        labels, value = result.first()
        return {**labels, "value": f"{value:.3g}"}, _describe(result)

    def newest_line(self, pattern: str, since: int) -> tuple[dict[str, str], str]:
        """The newest matching log line and the number of all, and in words.

        Raises
        ------
        ValueError
            If a reference has no result, or the pattern is not valid.
        """
        lines = self._door.search(self._findings.fill_text(pattern), since)
        if not lines:
            return {"value": "0"}, "no line"
        newest, count = lines[-1], format_count(len(lines), "lines")
        values = {"part": newest.part, "text": newest.text, "value": str(len(lines))}
        return values, f"{count}, last {newest.part}: {newest.text}"


def _has_sample(result: Result) -> bool:
    return bool(len(result)) or result.kind == "scalar"


def _describe(result: Result) -> str:
    """The first sample in words, and the number of others."""
    if not _has_sample(result):
        return "nothing"
    more = f" and {len(result) - 1} more" if len(result) > 1 else ""
    return format_sample(*result.first()) + more
