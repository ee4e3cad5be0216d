"""The graph of a pipeline's components."""

import pytest

from simulator.setting import load


@pytest.fixture(scope="module")
def flights():
    return load("first-shift")


def test_upstream_and_downstream_are_related_and_what_is_beside_is_not(flights):
    related = flights.graph.related
    assert {"flight-status", "validate", "materialize", "train", "serving"} <= set(
        related["departures"]
    )
    assert {"feature-store", "label-join", "carrier", "prometheus"}.isdisjoint(
        related["departures"]
    )
    assert related["feature-store"] == ("serving",)
    assert related["cluster"] == ("serving",)


def test_monitoring_looks_on_and_is_a_chain_of_its_own(flights):
    related = flights.graph.related
    assert {"kserve", "alertmanager", "ml-platform-pager"} <= set(related["prometheus"])
    assert "serving" not in related["prometheus"]


def test_to_be_related_is_mutual(quiet):
    related = quiet.graph.related
    assert all(name in related[other] for name, others in related.items() for other in others)
    assert all(name not in others for name, others in related.items())


def test_whatever_a_team_can_own_is_in_it(flights, quiet):
    for setting in (flights, quiet):
        owned = [name for team in setting.oncall.teams.values() for name in team.owns]
        assert owned
        assert set(owned) <= set(setting.graph.related)
