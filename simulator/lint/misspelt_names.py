"""Names that are free in an on-call file, but close to others: readers of updates, and roles."""

from collections import Counter
from collections.abc import Iterator

from simulator.lint.oncall_year import OnCallYear
from simulator.source import Complaint
from simulator.units import closest_match

# The incident roles of the SRE book, with a scribe; others are experts of a subject.
ROLES = ("commander", "operations", "communications", "scribe")
# A transposition or a letter less is closer; two teams may differ in a suffix.
CUTOFF = 0.85


def warnings(year: OnCallYear) -> Iterator[Complaint]:
    """Readers and roles of severities that are probably another one, misspelt."""
    severities = year.oncall.severities
    readers = Counter(name for level in severities.values() for name in level.inform)
    existing = {*year.oncall.teams, *year.oncall.inform}
    for severity, level in severities.items():
        for number, name in enumerate(level.inform):
            # Of two names that nothing else has, the rarer is misspelt.
            frequent = {other for other in readers if readers[other] > readers[name]}
            meant = _meant(name, sorted(existing | frequent))
            if meant and name not in existing:
                text = f"{name!r} is a reader of its own; did you mean {meant!r}?"
                yield year.complaint(("severities", severity, "inform", number), text)
        for number, name in enumerate(level.roles):
            meant = _meant(name, [*ROLES])
            if meant and name not in ROLES:
                text = f"{name!r} is a role of its own; did you mean {meant!r}?"
                yield year.complaint(("severities", severity, "roles", number), text)


def _meant(name: str, names: list[str]) -> str | None:
    return closest_match(name, names, CUTOFF)
