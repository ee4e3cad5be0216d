"""Hops: how many calls it takes from the page of a team to another team.

A page reaches by itself everybody whom its policy names: that is no hop. Whoever was reached can
call the teams that let their team call them: that is one.
"""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.oncall.organisation import Organisation


class ShortestWay(NamedTuple):
    """The shortest way to a team.

    Attributes
    ----------
    hops : int
        The fewest calls.
    via : tuple of str
        The other teams that are called on any such way, in the file's order; of ways over policies
        only if no call of the team itself is as short.
    """

    hops: int
    via: tuple[str, ...] = ()


def shortest_ways(organisation: Organisation, start: str) -> dict[str, ShortestWay]:
    """The shortest ways from the page of a team to every team that can be reached.

    Parameters
    ----------
    start : str
        The team that is paged first.

    Examples
    --------
    Data lets only the platform call them; the platform's page reaches the desk by itself.

    >>> from simulator.scenario import OnCall
    >>> oncall = OnCall.model_validate({
    ...     "oncall": 1, "name": "three", "people": {"ana": {}},
    ...     "policies": {"up": {"levels": [{"page": [{"person": "ana"}]},
    ...                                    {"page": [{"team": "desk"}]}]}},
    ...     "teams": {"ml": {"members": ["jo"]},
    ...               "platform": {"policy": "up"},
    ...               "data": {"members": ["dee"], "called_by": ["platform"]},
    ...               "desk": {"members": ["kim"], "called_by": ["data"]}}})
    >>> ways = shortest_ways(Organisation.bind(oncall, epoch_ms=0), "ml")
    >>> ways["ml"], ways["desk"]
    (ShortestWay(hops=0, via=()), ShortestWay(hops=1, via=('platform',)))
    >>> ways["data"]
    ShortestWay(hops=2, via=('platform',))
    """
    teams = organisation.model.teams
    hops: dict[str, int] = {}
    called: dict[str, set[str]] = {}  # on the ways to a team, itself included if it is called
    paged, uncalled, distance = {start: set[str]()}, dict.fromkeys(teams), 0
    while paged:
        for team, way in paged.items():
            del uncalled[team]
            if hops.setdefault(team, distance) == distance:
                called[team] = way
        for team, way in paged.items():
            for reached in _reached_by_page(organisation, team):
                if hops.setdefault(reached, distance) == distance and reached not in paged:
                    called.setdefault(reached, set()).update(way)
        distance += 1
        paged = {}
        # A team that a level named is called, too: then all of its own levels are used.
        for team in uncalled:
            callers = [
                caller for caller in hops if caller != team and organisation.may_call(caller, team)
            ]
            if callers:
                paged[team] = {team}.union(*(called[caller] for caller in callers))
    return {
        team: ShortestWay(number, tuple(t for t in teams if t in called[team] and t != team))
        for team, number in hops.items()
    }


def fewest_hops(organisation: Organisation, start: str) -> dict[str, int]:
    """The fewest calls from the page of a team to every team that can be reached."""
    return {team: way.hops for team, way in shortest_ways(organisation, start).items()}


def _reached_by_page(organisation: Organisation, team: str) -> Iterator[str]:
    """The teams that a page to a team reaches at some level, itself included."""
    yield team
    for named in _named(organisation, team, levels=None):
        yield from _reached_at_first_level(organisation, named, frozenset({team}))


def _reached_at_first_level(
    organisation: Organisation, team: str, passed: frozenset[str]
) -> Iterator[str]:
    """The teams that are reached by a level that names a team: of it, the first level only."""
    if team not in passed:
        yield team
        for named in _named(organisation, team, levels=1):
            yield from _reached_at_first_level(organisation, named, passed | {team})


def _named(organisation: Organisation, team: str, levels: int | None) -> Iterator[str]:
    """The teams that the levels of a team's policy name."""
    policy = organisation.model.teams[team].policy
    if policy is not None:
        for level in organisation.model.policies[policy].levels[:levels]:
            yield from (target.team for target in level.page if target.team is not None)
