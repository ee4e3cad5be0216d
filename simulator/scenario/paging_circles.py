"""Teams whose first levels page each other in a circle: nobody is paged there."""

from collections.abc import Iterator, Mapping

from simulator.scenario.policy import Policy
from simulator.scenario.team import Team
from simulator.source import Issue

# A team that a first level pages, and the number of the target.
_Target = tuple[str, int]
# Nobody follows a page over more; a bound keeps the search for its people shallow.
TEAMS_MAX = 50
_NAMED_MAX = 8


def paging_circles(teams: Mapping[str, Team], policies: Mapping[str, Policy]) -> list[Issue]:
    """An issue for every target that closes a circle, at the target's team.

    A level that pages a team pages the first level of that team's policy, so only first levels
    can lead back.

    Examples
    --------
    >>> policy = Policy.model_validate({"levels": [{"page": [{"team": "ml"}]}]})
    >>> ml = Team.model_validate({"policy": "serving"})
    >>> paging_circles({"ml": ml}, {"serving": policy})[0].text
    'pages nobody: the first levels of teams lead back to it: ml -> ml'
    """
    edges = {
        name: [] if team.policy is None else _first_level(policies[team.policy])
        for name, team in teams.items()
    }
    issues: dict[tuple[str, int], Issue] = {}
    depths: dict[str, int] = {}
    for circle, number in _circles(edges, depths):
        policy = str(teams[circle[-2]].policy)
        text = "pages nobody: the first levels of teams lead back to it"
        path = ("policies", policy, "levels", 0, "page", number, "team")
        way = circle if len(circle) <= _NAMED_MAX else [*circle[: _NAMED_MAX - 2], "…", circle[-1]]
        issues.setdefault((policy, number), Issue(path, f"{text}: {' -> '.join(way)}"))
    if issues:
        return list(issues.values())
    too_deep = next((team for team in depths if depths[team] > TEAMS_MAX), None)
    if too_deep is not None:
        text = f"leads over more than {TEAMS_MAX} teams, each paged by the first level of another"
        return [Issue(("policies", str(teams[too_deep].policy), "levels", 0), text)]
    return []


def _first_level(policy: Policy) -> list[_Target]:
    page = policy.levels[0].page
    return [(target.team, number) for number, target in enumerate(page) if target.team is not None]


def _circles(
    edges: Mapping[str, list[_Target]], depths: dict[str, int]
) -> Iterator[tuple[list[str], int]]:
    """The circles that a search in depth closes, each with the number of its last target.

    Parameters
    ----------
    depths : dict of str to int
        The longest way from each team over others is put here.
    """
    for root in edges:
        if root in depths:
            continue
        # Not recursive: a chain of teams may be long.
        path, ways = [root], [iter(edges[root])]
        while path:
            team, number = next(ways[-1], ("", 0))
            if not team:
                last = path.pop()
                ways.pop()
                depths[last] = 1 + max(
                    (depths.get(other, 0) for other, _ in edges[last]), default=0
                )
            elif team in path:
                yield [*path[path.index(team) :], team], number
            elif team not in depths:
                path.append(team)
                ways.append(iter(edges[team]))
