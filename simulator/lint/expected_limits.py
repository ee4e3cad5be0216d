"""Limits of `expect` that no run can pass, or that cannot be kept: each with what it is against."""

from collections.abc import Iterator

from simulator.lint.two_places import two_places
from simulator.scenario import Scenario
from simulator.setting.bound_scenario import BoundScenario
from simulator.source import Complaint, Document, Key
from simulator.units import format_ms

LIMITS = ("acknowledge_within", "mitigate_within", "recover_within")


def warnings(document: Document, scenario: Scenario, bound: BoundScenario) -> list[Complaint]:
    """The warnings about limits that are too long, or shorter than what comes before them."""
    return [*_too_long(document, scenario, bound), *_out_of_order(document, scenario)]


def _too_long(document: Document, scenario: Scenario, bound: BoundScenario) -> Iterator[Complaint]:
    """Limits longer than the drill after its first fault: nothing passes them."""
    faults = {n: inject for n, inject in enumerate(bound.injects) if inject.fault is not None}
    if not faults:
        return
    number = min(faults, key=lambda n: faults[n].at)
    left = scenario.duration - faults[number].at
    limits: dict[tuple[Key, ...], int | None] = {
        ("expect", name): getattr(scenario.expect, name) for name in LIMITS
    }
    limits |= {("expect", "budget", name): ms for name, ms in scenario.expect.budget.items()}
    place = ("injects", number)
    for path, limit in limits.items():
        if limit is not None and limit >= left:
            text = (
                f"{format_ms(limit)} is never passed: the drill ends {format_ms(left)} after "
                f"{faults[number].id}"
            )
            yield two_places(document, path, text, place)


def _out_of_order(document: Document, scenario: Scenario) -> Iterator[Complaint]:
    """A recovery before its mitigation, an acknowledgement after it; steps after the end."""
    expect, mitigation = scenario.expect, ("expect", "mitigate_within")
    if expect.mitigate_within is not None:
        if expect.recover_within is not None and expect.recover_within < expect.mitigate_within:
            text = (
                f"{format_ms(expect.recover_within)} is less than the "
                f"{format_ms(expect.mitigate_within)} of the mitigation, which comes first"
            )
            yield two_places(
                document, ("expect", "recover_within"), text, ("expect", "mitigate_within")
            )
        limit = expect.acknowledge_within
        if limit is not None and limit > expect.mitigate_within:
            text = (
                f"{format_ms(limit)} is more than the {format_ms(expect.mitigate_within)} of the "
                "mitigation, which comes later"
            )
            path = ("expect", "acknowledge_within")
            yield two_places(document, path, text, mitigation)
    for n, step in enumerate(expect.severity):
        if step.from_ >= scenario.duration:
            text = f"{format_ms(step.from_)} is after the end of the drill"
            yield two_places(document, ("expect", "severity", n, "from"), text, ("duration",))
    for n, call in enumerate(expect.escalate or ()):
        if call.after is not None and call.after >= scenario.duration:
            text = f"{format_ms(call.after)} is after the end of the drill"
            yield two_places(document, ("expect", "escalate", n, "after"), text, ("duration",))
