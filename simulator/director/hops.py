"""Hops: how many calls it takes from the page of a team to another team.

A page reaches by itself everybody whom its policy names: that is no hop. Whoever was reached can
call the teams that let their team call them: that is one.
"""

from collections.abc import Iterator

from simulator.oncall.organisation import Organisation


def fewest_hops(organisation: Organisation, start: str) -> dict[str, int]:
    """The fewest hops from the page of a team to every team that can be reached.

    Parameters
    ----------
    start : str
        The team that is paged first.

    Examples
    --------
    Data lets only the platform call them; its page reaches the command by itself.

    >>> from simulator.scenario import OnCall
    >>> oncall = OnCall.model_validate({
    ...     "oncall": 1, "name": "three", "people": {"ana": {}},
    ...     "policies": {"up": {"levels": [{"page": [{"person": "ana"}]},
    ...                                    {"page": [{"team": "command"}]}]}},
    ...     "teams": {"ml": {"members": ["jo"]},
    ...               "platform": {"policy": "up"},
    ...               "data": {"members": ["dee"], "called_by": ["platform"]},
    ...               "command": {"members": ["kim"]}}})
    >>> fewest_hops(Organisation.bind(oncall, epoch_ms=0), "ml")
    {'ml': 0, 'platform': 1, 'command': 1, 'data': 2}
    """
    hops: dict[str, int] = {}
    paged, distance = [start], 0
    while paged:
        for team in paged:
            for reached in _reached_by_page(organisation, team):
                hops.setdefault(reached, distance)
        callers, distance = list(hops), distance + 1
        paged = [
            team
            for team in organisation.model.teams
            if team not in hops and any(organisation.may_call(caller, team) for caller in callers)
        ]
    return hops


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
