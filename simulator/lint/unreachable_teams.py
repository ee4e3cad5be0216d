"""Teams that an incident needs and that nobody can call from the played team's page.

Whoever may page them (`called_by`) cannot be reached either. A drill may be about just that; mostly
it is a slip, so it is a warning.
"""

from simulator.director.hops import fewest_hops
from simulator.director.needs import derive_needs
from simulator.scenario import Scenario
from simulator.setting.bound_scenario import BoundScenario
from simulator.source import Complaint, Document
from simulator.units.wording import join_words


def warnings(document: Document, scenario: Scenario, bound: BoundScenario) -> list[Complaint]:
    """A warning about each such team, at its callers."""
    epoch_ms = int(scenario.starts_at.timestamp() * 1000)
    needs = derive_needs(
        bound.injects, bound.organisation, scenario.plays, scenario.expect, epoch_ms
    )
    reachable = fewest_hops(bound.organisation, scenario.plays)
    reasons = {team: f"expect.must_page has {team}" for team in scenario.expect.must_page}
    for need in needs:
        if need.reason not in ("severity", "inform"):
            reasons[need.teams[0]] = f"{need.fault or 'the incident'} needs {need.teams[0]}"
    return [
        document.complaint_at(
            ("oncall", "teams", team, "called_by"),
            f"{scenario.plays} cannot reach {_callers(bound, team)}, and {reason}",
        )
        for team, reason in reasons.items()
        if team not in reachable
    ]


def _callers(bound: BoundScenario, team: str) -> str:
    return join_words([*bound.oncall.teams[team].called_by])
