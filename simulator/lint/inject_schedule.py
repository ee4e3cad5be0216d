"""Injects at times, or on conditions, at which they mean nothing.

They do what the scenario says, but mostly it is a slip; so it is a warning.
"""

from collections.abc import Iterator

from simulator.scenario import Inject, Scenario
from simulator.setting.name_checker import KeyPath
from simulator.source import Complaint, Document
from simulator.units import format_ms

Warnings = Iterator[tuple[KeyPath, str]]


def warnings(document: Document, scenario: Scenario) -> list[Complaint]:
    """Faults and messages in the warm-up, and conditions that are decided before any fault."""
    onset = _first_onset(scenario)
    return [
        document.complaint_at(("injects", number, *path), text)
        for number, inject in enumerate(scenario.injects)
        for path, text in (
            *_in_warm_up(inject, scenario.warm_up),
            *_before_onset(inject, onset, scenario.duration),
        )
    ]


def _first_onset(scenario: Scenario) -> int | None:
    """The time of the first planned fault or change, ms; None if there is none."""
    times = [
        inject.earliest
        for inject in scenario.injects
        if inject.when is None and inject.kind != "message"
    ]
    return min(times, default=None)


def _in_warm_up(inject: Inject, warm_up: int) -> Warnings:
    if inject.when is not None or inject.kind == "change" or inject.earliest >= warm_up:
        return
    path: KeyPath = ("at",) if inject.at is not None else ("unless", "by")
    text = f"given {format_ms(inject.earliest)!r}, but the warm-up ends at {format_ms(warm_up)}"
    yield path, f"{text}: what happens in it does not count"


def _before_onset(inject: Inject, onset: int | None, end: int) -> Warnings:
    """Conditions whose outcome is certain, since no fault has begun."""
    if onset is None:
        return
    first, early = f"the first fault or change is at {format_ms(onset)}", inject.earliest <= onset
    if inject.when is None:
        if inject.unless is not None and early:
            at = format_ms(inject.earliest)
            yield ("unless",), f"it is decided at {at}, and {first}: its outcome is certain"
        return
    breached, latest = inject.when.breached, inject.when.by or end
    if breached is not None and onset + breached >= latest:
        bound = "its latest time" if inject.when.by else "the end of the drill"
        text = f"given {format_ms(breached)!r}, but {first}"
        yield ("when", "breached"), f"{text}, too late for {bound} ({format_ms(latest)})"
    if inject.when.held is not None and early:
        yield ("when", "held"), f"{first}: without a later `at` it holds before that"
