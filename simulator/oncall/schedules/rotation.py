"""The rotation of a team: one member after the other, from its first day on."""

from collections.abc import Sequence
from datetime import date

from simulator.units import DAY_MS


def on_call(
    members: Sequence[str], rotation: int, epoch_ms: int, level: int = 0, starts: int = 0
) -> str:
    """The person at a level of a team's escalation policy.

    Parameters
    ----------
    rotation : int, ms
        The length of a turn as primary.
    epoch_ms : int
        Now, in ms since 1970: a drill on another date pages another person.
    level : int
        0 for the primary; the next member is secondary, and so on.
    starts : int, ms since 1970
        The start of the first member's first turn; earlier turns are counted backwards.

    Examples
    --------
    >>> on_call(["ana", "ben"], 7 * DAY_MS, 0), on_call(["ana", "ben"], 7 * DAY_MS, 0, 1)
    ('ana', 'ben')
    >>> on_call(["ana", "ben"], 7 * DAY_MS, 8 * DAY_MS)
    'ben'
    >>> on_call(["ana", "ben"], 7 * DAY_MS, 8 * DAY_MS, starts=8 * DAY_MS)
    'ana'
    """
    turn = (epoch_ms - starts) // rotation if rotation else 0
    return members[(turn + level) % len(members)]


def midnight(day: date) -> int:
    """The start of a day in UTC, ms since 1970.

    Examples
    --------
    >>> midnight(date(1970, 1, 2)) == DAY_MS
    True
    """
    return (day - date(1970, 1, 1)).days * DAY_MS
