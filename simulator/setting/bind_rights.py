"""The actions that a team may not order, or only with an approval, are in the catalogue."""

from simulator.actions import ACTIONS
from simulator.scenario import OnCall
from simulator.setting.name_checker import KeyPath, NameChecker


def check_rights(checker: NameChecker, at: KeyPath, oncall: OnCall) -> None:
    """Check the actions under `may` of every team.

    Parameters
    ----------
    at : path
        Of the on-call file in the checker's document.
    """
    for name, team in oncall.teams.items():
        for key in ("never", "with_approval"):
            for i, _ in enumerate(getattr(team.may, key)):
                place = (*at, "teams", name, "may", key, i)
                checker.check(place, ACTIONS.names(), "action", "drill catalogue actions")
