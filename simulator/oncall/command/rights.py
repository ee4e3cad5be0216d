"""Rights: which orders a team may give, who approves the others, and whom to ask."""

from typing import NamedTuple

from simulator.oncall.command.incident_command import COMMANDER, Approval, IncidentCommand
from simulator.oncall.organisation import Organisation
from simulator.scenario.team import May


class Actor(NamedTuple):
    """Whoever gives an order, and the team for which they act."""

    name: str
    team: str
    simulated: bool = False


class Targets(NamedTuple):
    """The components that an order is about.

    Attributes
    ----------
    names : tuple of str
        Their names, as teams own them.
    open : bool
        Whether there may be others: of orders that are not given yet.
    """

    names: tuple[str, ...] = ()
    open: bool = False


class Rights:
    """The rights of the teams in one run: `may` of the on-call file, and what is approved.

    Examples
    --------
    >>> from simulator.scenario import OnCall
    >>> may = {"never": ["drain_node"], "with_approval": ["retrain"], "ask": "command"}
    >>> teams = {"ml": {"members": ["ana"], "may": may}, "command": {"members": ["jo"]}}
    >>> teams["infra"] = {"members": ["nia"], "owns": ["cluster"]}
    >>> oncall = OnCall.model_validate({"oncall": 1, "name": "small", "teams": teams})
    >>> rights = Rights(Organisation(oncall), IncidentCommand())
    >>> ana, jo = Actor("ana", "ml"), Actor("jo", "command")
    >>> rights.objection(ana, "drain_node", Targets(("node-2", "cluster")))
    'drain_node: ml must not order it; ask infra, who owns cluster'
    >>> rights.objection(ana, "retrain", Targets())
    'retrain: ml needs an approval; ask command (page command with need: retrain)'
    >>> rights.approve(jo, "retrain", "ml", "", Targets())
    >>> rights.objection(ana, "retrain", Targets())
    ''
    """

    def __init__(self, organisation: Organisation, command: IncidentCommand) -> None:
        self._organisation, self._command = organisation, command

    def objection(self, actor: Actor, action: str, targets: Targets) -> str:
        """Why somebody must not give an order, and whom to ask; empty if they may."""
        may, team = self._may(actor.team), actor.team
        if actor.simulated and team in (may.ask, *self._owners(targets).values()):
            return ""
        if action in may.never:
            return f"{action}: {team} must not order it{self._instead(team, targets)}"
        if action in may.with_approval and not self._is_approved(actor, action, targets):
            request = self._request(actor.name, team, action, targets)
            return f"{action}: {team} needs an approval; {request}"
        return ""

    def is_forbidden(self, actor: Actor, action: str) -> bool:
        """Whether the actor's team must never order an action, with no approval."""
        return action in self._may(actor.team).never

    def refusal(self, approver: Actor, action: str, team: str, targets: Targets) -> str:
        """Why somebody cannot approve orders of a team, and whom to ask; empty if they can."""
        if action in self._may(team).never:
            instead = self._instead(team, targets)
            return f"{action}: {team} must not order it, with no approval{instead}"
        if self._has_authority(approver, team) or self._is_owner(approver.team, targets):
            return ""
        request = self._request(approver.name, team, action, targets)
        return f"{action}: {approver.name} cannot approve it; {request}"

    def approve(
        self, approver: Actor, action: str, team: str, target: str, targets: Targets
    ) -> None:
        """Record an approval by somebody who can give it.

        Parameters
        ----------
        team : str
            The team that may give the order from now on.
        target : str
            The only target of such orders; empty for any.
        """
        owned = not self._has_authority(approver, team)
        approval = Approval(action, team, target, approver.name, approver.team, owned)
        self._command.approvals.append(approval)

    def needs_approval(self, team: str) -> tuple[str, ...]:
        """The actions that a team orders with an approval only."""
        return self._may(team).with_approval

    # -- who approves, and who owns ---------------------------------------------------------------

    def _may(self, team: str) -> May:
        model = self._organisation.model.teams.get(team)
        return May() if model is None else model.may

    def _owners(self, targets: Targets) -> dict[str, str]:
        """The owner of each target that has one."""
        owners = {name: self._organisation.owner(name) for name in targets.names}
        return {name: owner for name, owner in owners.items() if owner}

    def _is_owner(self, team: str, targets: Targets) -> bool:
        model = self._organisation.model.teams.get(team)
        owns_any = model is not None and bool(model.owns)
        return team in self._owners(targets).values() or (targets.open and owns_any)

    def _has_authority(self, approver: Actor, asking: str) -> bool:
        """Whether somebody approves any order of a team: the commander, or whom it asks."""
        model = self._organisation.model.teams.get(approver.team)
        # A team with members acts under its own name.
        acts_as_team = model is not None and approver.name == approver.team
        members = (model.members or ()) if acts_as_team and model is not None else ()
        holder = self._command.roles.get(COMMANDER)
        is_commander = holder in (approver.name, approver.team, *members)
        return is_commander or approver.team == self._may(asking).ask

    def _is_approved(self, actor: Actor, action: str, targets: Targets) -> bool:
        owners = set(self._owners(targets).values())
        return any(
            (approval.action, approval.team) == (action, actor.team)
            and approval.by != actor.name
            and (not approval.target or approval.target in targets.names)
            and (not approval.owned or approval.by_team in owners)
            for approval in self._command.approvals
        )

    # -- whom to ask ------------------------------------------------------------------------------

    def _instead(self, team: str, targets: Targets) -> str:
        """Who may give an order that a team must never give."""
        for name, owner in self._owners(targets).items():
            if owner != team:
                return f"; ask {owner}, who owns {name}"
        ask = self._may(team).ask
        return f"; ask {ask}" if ask else ""

    def _request(self, name: str, team: str, action: str, targets: Targets) -> str:
        """How somebody gets an approval."""
        ask = self._may(team).ask
        owners = {owner: name for name, owner in self._owners(targets).items() if owner != team}
        if ask or owners:
            whom = ask or next(iter(owners))
            why = "" if ask else f", who owns {owners[whom]}"
            return f"ask {whom}{why} (page {whom} with need: {action})"
        holder = self._command.roles.get(COMMANDER)
        if holder in (None, name):
            return "assign another player or person the role commander, who approves it"
        return f"ask {holder}, the commander"
