"""Incident command: who holds which role, what is approved, which severity is declared."""

from typing import NamedTuple

from simulator.units import Severity

# The role whose holder approves orders.
COMMANDER = "commander"


class Approval(NamedTuple):
    """A kind of order that a team may give from now on.

    Attributes
    ----------
    action : str
        The kind of order.
    team : str
        The team that may give it.
    target : str
        The only target; empty for any.
    by : str
        Who approves it: never an approval of their own orders.
    by_team : str
        The team that they are of.
    owned : bool
        Whether it is for targets that `by_team` owns only.
    """

    action: str
    team: str
    target: str
    by: str
    by_team: str
    owned: bool = False


class IncidentCommand:
    """What the people of one run have agreed on.

    Attributes
    ----------
    roles : dict of str to str
        The holder of each role: a player, a person or a team.
    approvals : list of Approval
        They stand until the end of the drill.
    declared_at : int, ms
        When the severity last changed.
    updated_at : int or None, ms
        When the last status update was sent.

    Examples
    --------
    >>> command = IncidentCommand()
    >>> command.assign("commander", "jo"), command.assign("commander", "kim")
    ('', 'jo')
    >>> command.declare(Severity.SEV2, "", 60_000), command.declare(Severity.SEV2, "", 90_000)
    (True, False)
    >>> command.severity, command.declared_at
    (<Severity.SEV2: 'SEV2'>, 60000)
    """

    def __init__(self) -> None:
        self.roles: dict[str, str] = {}
        self.approvals: list[Approval] = []
        self.declared_at = 0
        self.updated_at: int | None = None
        self._severities: dict[str, Severity] = {}  # by incident

    @property
    def severity(self) -> Severity | None:
        """The worst severity of the open incidents."""
        return min(self._severities.values(), default=None)

    @property
    def last_news(self) -> int:
        """When readers last had news: the severity, or a status update; ms."""
        return max(self.declared_at, self.updated_at or 0)

    def assign(self, role: str, to: str) -> str:
        """Give a role to somebody; return who held it, or nothing."""
        former = self.roles.get(role, "")
        self.roles[role] = to
        return former

    def declare(self, severity: Severity, incident: str, now: int) -> bool:
        """Declare an incident, or change its severity; return whether this changes anything.

        Parameters
        ----------
        incident : str
            The label of one of several incidents; empty for the only one.
        now : int
            ms.
        """
        former, worst = self._severities.get(incident), self.severity
        self._severities[incident] = severity
        if self.severity != worst:
            self.declared_at = now
        return severity != former

    def close(self, incident: str, now: int) -> None:
        """Close an incident, or all of them where the label is empty; now in ms."""
        worst = self.severity
        if incident:
            self._severities.pop(incident, None)
        else:
            self._severities.clear()
        if self.severity != worst:
            self.declared_at = now

    def count_update(self, now: int) -> None:
        """Note that a status update is sent now, ms."""
        self.updated_at = now
