"""Judging a run by the rules of the verdict."""

from collections.abc import Callable, Iterator
from typing import Literal

from simulator.analysis import Timeline
from simulator.scenario.rubric import Rubric
from simulator.score.verdict.completion import interrupted, responder
from simulator.score.verdict.expectations import expectations
from simulator.score.verdict.final_hold import final_hold
from simulator.score.verdict.landing import landing
from simulator.score.verdict.mistake_limits import mistake_limits
from simulator.score.verdict.passes import passes
from simulator.score.verdict.reason import VerdictReason
from simulator.score.verdict.sabotage import sabotage
from simulator.score.verdict.steady_state import steady_state
from simulator.score.verdict.unanswered_pages import unanswered_pages
from simulator.score.verdict.unpaid_debts import unpaid_debts

Verdict = Literal["pass", "fail", "invalid"]
Rule = Callable[[Timeline, Rubric], Iterator[VerdictReason]]

# What makes a drill invalid, and what fails it, in the order of the reasons.
INVALID: tuple[Rule, ...] = (steady_state, landing)
FAIL: tuple[Rule, ...] = (
    interrupted,
    responder,
    sabotage,
    final_hold,
    expectations,
    unanswered_pages,
    unpaid_debts,
    mistake_limits,
)


def judge(timeline: Timeline, rubric: Rubric) -> tuple[Verdict, list[VerdictReason]]:
    """The verdict of a run and its reasons, by the marks that follow from the log alone.

    Returns
    -------
    verdict : str
        `pass`, `fail` or `invalid`.
    why : list of VerdictReason
        Never empty.
    """
    log = timeline.without_twins
    verdicts: tuple[tuple[Verdict, tuple[Rule, ...]], ...] = (("invalid", INVALID), ("fail", FAIL))
    for verdict, rules in verdicts:
        reasons = [reason for rule in rules for reason in rule(log, rubric)]
        if reasons:
            return verdict, reasons
    return "pass", list(passes(log, rubric))
