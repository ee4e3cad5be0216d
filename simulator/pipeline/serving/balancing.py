"""Balancing: which replica an attempt is sent to, where each has a line of its own.

The names are those of Envoy and nginx. In turn, whoever is slow or full; at random; or, of
two at random, to the one with fewer requests inside, as Envoy's `LEAST_REQUEST` does. What
is random comes from the dice of the request, so that an attempt goes to the same replica in
every twin that has the same ones.

References
----------
Mitzenmacher, M. (2001). The power of two choices in randomized load balancing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

ROUND_ROBIN, RANDOM, LEAST_REQUESTS = "round_robin", "random", "least_requests"


# As `line.LUCK`: two for each attempt, and none follows from those or from the others.
PLACE = tuple(1.6180339887498949e6 * 1.1447298858494002**n for n in range(64))


def place(dice: float, attempt: int, choice: int, replicas: int) -> int:
    """A replica at random, by the dice of the request (see `line.dice_of`).

    Examples
    --------
    >>> [place(0.3, attempt, choice, 4) for attempt in (1, 2, 3) for choice in (0, 1)]
    [2, 0, 2, 0, 1, 2]
    """
    return int(dice % 1.0 * PLACE[(2 * attempt + choice) % 64] % 1.0 * replicas)


def picker(
    law: str, order: Sequence[int], dice: list[float], attempt: list[int], load: list[int]
) -> Callable[[int], int]:
    """How attempts are sent.

    Parameters
    ----------
    law : str
    order : sequence of int
        Ready replicas, one at least, beginning with the one whose turn it is.
    dice, attempt : list
        Of every attempt.
    load : list of int
        Requests inside each replica, as it changes.

    Returns
    -------
    callable
        The replica of an attempt, given its number; called once for each that is sent.
    """
    turn, replicas, named = 0, len(order), sorted(order)

    def in_turn(k: int) -> int:
        nonlocal turn
        turn += 1
        return order[(turn - 1) % replicas]

    def at_random(k: int) -> int:
        return named[place(dice[k], attempt[k], 0, replicas)]

    def of_two(k: int) -> int:
        one, other = (named[place(dice[k], attempt[k], n, replicas)] for n in (0, 1))
        return other if load[other] < load[one] else one

    return {ROUND_ROBIN: in_turn, RANDOM: at_random, LEAST_REQUESTS: of_two}[law]
