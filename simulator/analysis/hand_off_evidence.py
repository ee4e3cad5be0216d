"""The evidence of a hand-off: what its caller had looked at, and what it showed."""

import math
import re
from collections.abc import Sequence

from simulator.analysis.statement import FactCheck, facts_listed
from simulator.analysis.timeline import Timeline
from simulator.run.events import LookEvent, PageEvent

EVIDENCE = 3
NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w-])")
# Values are stated with three digits.
CLOSE = 0.02
SHORTEST_PATTERN = 5


def evidence_check(timeline: Timeline, page: PageEvent) -> FactCheck:
    """The check of the evidence that a page states."""
    team = timeline.header.graded_players
    looks = [
        look
        for look in timeline.run.of(LookEvent)
        if look.t <= page.t and (look.who == page.by or {look.who, page.by} <= team)
        if not look.error
    ]
    stated = [str(text) for text in facts_listed(page.facts, "evidence")]
    true = min(EVIDENCE, sum(_was_looked_at(text, looks) for text in dict.fromkeys(stated)))
    false = sum(not _was_looked_at(text, looks) for text in stated)
    exist = min(EVIDENCE, len({look.expr for look in looks}))
    return FactCheck("evidence", true, false, max(0, exist - true))


def _was_looked_at(text: str, looks: Sequence[LookEvent]) -> bool:
    """Whether a text names the series or log lines of a look, or has its value.

    A value that no such look showed makes it false.

    Examples
    --------
    >>> looks = [LookEvent(0, "ana", "max(ml_feature_psi)", 1, {}, 0.3581),
    ...          LookEvent(0, "ana", "log: 403 Forbidden", 2)]
    >>> texts = ("ml_feature_psi: 0.358", "ml_feature_psi: 0.9", "log 403 Forbidden", "the network",
    ...          "ml_feature_psi, http_requests_total and all others")
    >>> [_was_looked_at(text, looks) for text in texts]
    [True, False, True, False, False]
    """
    if any(_quotes(text, look) for look in looks):
        return True
    names = {word for word in re.findall(r"[A-Za-z_]\w*", text) if "_" in word}
    seen = " ".join(f"{look.expr} {look.labels}" for look in looks)
    if any(name not in seen for name in names):
        return False
    named = [look for look in looks if any(name in look.expr for name in names)]
    tail = text.rpartition(":")[2] if ":" in text else text
    numbers = [float(number) for number in NUMBER.findall(tail)]
    values = [look.value for look in (named or looks) if look.value is not None]
    shows = any(math.isclose(n, v, rel_tol=CLOSE) for n in numbers for v in values)
    return shows or (bool(named) and not (numbers and values))


def _quotes(text: str, look: LookEvent) -> bool:
    """Whether a text has what a log search looked for."""
    pattern = look.expr.removeprefix("log: ")
    # A pattern such as `.` finds every text.
    if pattern == look.expr or not look.count or len(pattern) < SHORTEST_PATTERN:
        return False
    try:
        return re.search(pattern, text) is not None
    except re.error:  # a long pattern is cut in the log
        return False
