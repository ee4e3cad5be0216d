"""Teams that nobody in a drill may page."""

from collections.abc import Iterator

from simulator.lint.oncall_year import OnCallYear
from simulator.scenario import OnCall
from simulator.source import Complaint


def warnings(year: OnCallYear, plays: str) -> Iterator[Complaint]:
    """Teams that neither alerts nor the played team reach, also not over other teams.

    Parameters
    ----------
    plays : str
        The played team.
    """
    oncall = year.oncall
    called = _called(oncall, plays)
    for name, team in oncall.teams.items():
        if name not in called:
            callers = " and ".join(team.called_by)
            text = f"nobody in this drill may page {name}: {callers} cannot be paged either"
            yield year.complaint(("teams", name, "called_by"), text)


def _called(oncall: OnCall, plays: str) -> set[str]:
    """The teams that can be paged: by alerts, by anybody, or by a team that can be paged."""
    called = {plays, *(name for name, team in oncall.teams.items() if not team.called_by)}
    called |= {oncall.team_of_receiver(route) for route in oncall.receivers.values() if route.page}
    waiting = list(called)
    callees: dict[str, set[str]] = {}
    for name, team in oncall.teams.items():
        for caller in team.called_by:
            callees.setdefault(caller, set()).add(name)
        levels = oncall.policies[team.policy].levels if team.policy is not None else ()
        pages = (target.team for level in levels for target in level.page)
        callees.setdefault(name, set()).update(other for other in pages if other is not None)
    while waiting:
        new = sorted(callees.get(waiting.pop(), set()) - called)
        called.update(new)
        waiting += new
    return called
