"""The format of receivers in an on-call file."""

from typing import Self

from pydantic import model_validator

from simulator.scenario.base import Flag, Frozen, Name, require_one


class Receiver(Frozen):
    """The team or policy behind a receiver of the Alertmanager configuration."""

    team: Name | None = None
    """The team."""
    policy: Name | None = None
    """The escalation policy, in place of the team that has it."""
    page: Flag = True
    """Whether it pages; it opens a ticket otherwise."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        require_one(self, ("team", "policy"))
        return self

    @staticmethod
    def meant_by(value: object) -> str:
        """The receiver meant by a bare name."""
        return "{policy: …} or {team: …}" if isinstance(value, str) else ""
