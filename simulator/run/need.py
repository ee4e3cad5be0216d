"""A need: one reason to call or tell somebody in an incident."""

from typing import Literal

import msgspec

from simulator.units import Severity


class Need(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reason to call or tell somebody.

    Attributes
    ----------
    reason : str
        `owner` if only these teams can end the fault, `permission` if the right action needs
        their approval, `time_box` if they are needed after a time without progress, `severity`
        for the right severity from a time on, `inform` if they must be informed.
    fault : str
        The id of the fault's inject; empty for the incident as a whole.
    teams : tuple of str
        Teams, for `inform` also other readers.
    since : int or None
        ms since the impact; None for the time at which the fault lands, for `inform` at which the
        incident has the severity, for `time_box` if it is over as soon as somebody takes the page.
    severity : Severity or None
        The right severity; for `inform` the one that demands it.
    action : str
        The action that needs the approval.
    after : int or None
        The time without progress, or of a page that nobody takes, ms.
    every : int or None
        How often they must be informed, ms.
    hops : int or None
        The fewest hops from the page of the played team; None where nobody can call them.
    via : tuple of str
        The other teams that are called on any way with so many hops.
    """

    reason: Literal["owner", "permission", "time_box", "severity", "inform"]
    fault: str = ""
    teams: tuple[str, ...] = ()
    since: int | None = None
    severity: Severity | None = None
    action: str = ""
    after: int | None = None
    every: int | None = None
    hops: int | None = None
    via: tuple[str, ...] = ()
