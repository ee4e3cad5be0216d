"""The parts of a postmortem's grade, from the texts of its sections."""

import re
from collections.abc import Iterator, Mapping, Sequence

from simulator.analysis.postmortem_sections import TEMPLATE, TO_FILL, PostmortemSection

# How far off a moment, ms, and an impact may be.
MOMENT_TOLERANCE = 2 * 60_000
IMPACT_TOLERANCE = 0.10
TYPES = {"prevent", "detect", "mitigate", "process"}
CLOCK = re.compile(r"(?<![\d:])(\d{1,3}):([0-5]\d)(?::([0-5]\d))?(?![\d:])")
SECONDS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
AMOUNT = r"(\d+(?:\.\d+)?)\s*(days?|d|hours?|h|minutes?|min|m|seconds?|sec|s)\b"
DURATION = re.compile(rf"{AMOUNT}(?:\s*(?:and\s+)?{AMOUNT})?", re.IGNORECASE)
DUE = re.compile(r"\d{4}-\d\d-\d\d|\b\d+\s*(?:d|days?|w|weeks?|months?)\b")


def template_part(sections: Mapping[str, PostmortemSection]) -> float:
    """The share of the template's sections that are complete, without what the draft completed.

    Examples
    --------
    >>> sections = {"Summary": PostmortemSection("It broke."), "Impact": PostmortemSection("")}
    >>> template_part(sections)
    0.1
    """
    written = [n for n in TEMPLATE if n not in sections or not _is_the_drafts(sections[n])]
    complete = [n for n in written if n in sections and sections[n].complete]
    return len(complete) / len(written) if written else 0.0


def _is_the_drafts(section: PostmortemSection) -> bool:
    return section.drafted and section.complete


def moments_part(text: str, must: Sequence[int], may: Sequence[int]) -> float:
    """The F1 of a timeline's moments against those of the log, ms.

    Parameters
    ----------
    must, may : sequence of int
        The moments that it has to name, and those that it may.

    Examples
    --------
    >>> rows = "| 00:36 | acknowledged |\\n| 00:40:30 | rolled back |\\n| 02:00 | dinner |"
    >>> moments = [60_000 * minute for minute in (34, 36, 40, 60)]
    >>> round(moments_part(rows, moments, moments), 4)
    0.7059
    """
    named = [t for line in text.splitlines() if (t := _moment(line)) is not None]
    if not named or not must:
        return 0.0
    true = sum(_near(t, may) for t in named) / len(named)
    complete = sum(_near(t, named) for t in must) / len(must)
    return 2 * true * complete / (true + complete) if true + complete else 0.0


def _moment(line: str) -> int | None:
    """The first time of day of a line, since the start of the drill, ms."""
    clock = CLOCK.search(line)
    if clock is None:
        return None
    hours, minutes, seconds = (int(group or 0) for group in clock.groups())
    return 1000 * (3600 * hours + 60 * minutes + seconds)


def _near(t: int, others: Sequence[int]) -> bool:
    return any(abs(t - other) <= MOMENT_TOLERANCE for other in others)


def impact_part(text: str, outside: Mapping[str, float]) -> float:
    """The share of the breached objectives whose time outside is right within a tenth.

    Parameters
    ----------
    outside : mapping of str to float
        The seconds outside by objective.

    Examples
    --------
    >>> text = "accuracy was low for 1 h 5 min, and latency_p99 for 3 minutes"
    >>> impact_part(text, {"accuracy": 4000.0}), impact_part(text, {"freshness": 60.0})
    (1.0, 0.0)
    """
    lines = re.split(r"\n|,|;|\. ", text)
    right = 0
    for name, seconds in outside.items():
        about = [line for line in lines if name in line] or lines
        stated = (value for line in about for value in _durations(line))
        right += any(abs(value - seconds) <= IMPACT_TOLERANCE * seconds for value in stated)
    return right / len(outside)


def _durations(text: str) -> Iterator[float]:
    """The durations in a text, seconds."""
    for first, unit, second, smaller in DURATION.findall(text):
        value = float(first) * SECONDS[unit[0].lower()]
        yield value + (float(second) * SECONDS[smaller[0].lower()] if second else 0.0)


def action_items_part(text: str) -> float:
    """The share of the action items with an owner, a due date and a type; 0 without any.

    Examples
    --------
    >>> rows = "| action | owner | due | type |\\n|---|---|---|---|\\n"
    >>> rows += "| alert on units | data | 2026-04-01 | detect |\\n| be careful | - | soon | - |"
    >>> action_items_part(rows)
    0.5
    """
    items = [row for row in _rows(text) if row[0] not in ("", TO_FILL)]
    complete = [row for row in items if _is_complete(row)]
    return len(complete) / len(items) if items else 0.0


def _rows(text: str) -> Iterator[list[str]]:
    """The cells of a table's rows, without its head."""
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def _is_complete(row: Sequence[str]) -> bool:
    if len(row) < 4:
        return False
    owner, due, kind = row[1:4]
    has_owner = owner != TO_FILL and bool(re.search(r"\w", owner))
    return has_owner and bool(DUE.search(due)) and kind.lower() in TYPES
