"""Severities that an incident never has, since a worse one begins with less impact."""

from collections.abc import Iterator
from itertools import combinations

from simulator.lint.oncall_year import OnCallYear
from simulator.scenario.severity import Impact, ImpactCondition
from simulator.source import Complaint, Key
from simulator.units import Severity, format_ms

# The impacts that have to be reached together, with their path in `when`.
_Case = tuple[tuple[Key, ...], tuple[Impact, ...]]


def warnings(year: OnCallYear) -> Iterator[Complaint]:
    """Every bound of a severity whose impact is a worse severity already, and a SEV5."""
    severities = sorted(year.oncall.severities.items())
    if Severity.SEV5 in year.oncall.severities:
        text = "is no incident: nobody has to declare it or be informed of it"
        yield year.complaint(("severities", Severity.SEV5), text, key=True)
    reported = set()
    for (worse, strict), (name, level) in combinations(severities, 2):
        for path, impacts in _cases(level.when):
            if (name, path) not in reported and _implies(impacts, strict.when):
                reported.add((name, path))
                bounds = " and ".join(_format(impact) for impact in impacts)
                text = f"{bounds} is {worse} already: it never makes a {name}"
                yield year.complaint(("severities", name, "when", *path), text)


def _cases(when: ImpactCondition) -> list[_Case]:
    if when.all:
        return [(("all",), when.all)]
    return [(("any", number), (impact,)) for number, impact in enumerate(when.any)]


def _implies(impacts: tuple[Impact, ...], when: ImpactCondition) -> bool:
    """Whether a condition holds as soon as impacts are reached."""
    return any(
        all(any(_reaches(impact, bound) for impact in impacts) for bound in bounds)
        for _, bounds in _cases(when)
    )


def _reaches(impact: Impact, bound: Impact) -> bool:
    pairs = (
        (impact.burn, bound.burn),
        (impact.customers, bound.customers),
        (impact.outside, bound.outside),
    )
    return any(a is not None and b is not None and a >= b for a, b in pairs)


def _format(impact: Impact) -> str:
    if impact.outside is not None:
        return f"outside {format_ms(impact.outside)}"
    if impact.burn is not None:
        return f"burn {impact.burn:g}"
    return f"customers {impact.customers:g}"
