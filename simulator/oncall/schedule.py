"""Who is on call: one member after the other, from the scenario's start date."""

from __future__ import annotations

from collections.abc import Sequence

DAY_MS = 24 * 3_600_000


def on_call(members: Sequence[str], rotation: int, epoch_ms: int, level: int = 0) -> str:
    """The person at a level of a team's policy.

    Parameters
    ----------
    members : sequence of str
    rotation : int, ms
        How long each is primary.
    epoch_ms : int
        Now, in ms since 1970: a drill on another date wakes another person.
    level : int
        0 for the primary; the next in turn is secondary, and so on.

    Examples
    --------
    >>> on_call(["ana", "ben"], 7 * DAY_MS, 0), on_call(["ana", "ben"], 7 * DAY_MS, 0, 1)
    ('ana', 'ben')
    >>> on_call(["ana", "ben"], 7 * DAY_MS, 8 * DAY_MS)
    'ben'
    """
    turn = epoch_ms // rotation if rotation else 0
    return members[(turn + level) % len(members)]
