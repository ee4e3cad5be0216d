"""Load balancing: the replica that an attempt is sent to, where each has its own queue.

The names are those of Envoy and nginx: round robin, even to slow or full replicas; at random; or
of two random replicas the one with fewer requests inside, as Envoy's `LEAST_REQUEST` does. Random
choices come from the dice of the request, so that an attempt goes to the same replica in every
twin that has the same replicas.

References
----------
Mitzenmacher, M. (2001). The power of two choices in randomized load balancing.
"""

from collections.abc import Callable, Sequence

ROUND_ROBIN, RANDOM, LEAST_REQUESTS = "round_robin", "random", "least_requests"

# As `kernel.LUCK`: two for each attempt, independent of those and of each other.
PLACE = tuple(1.6180339887498949e6 * 1.1447298858494002**n for n in range(64))


def random_replica(dice: float, attempt: int, choice: int, replicas: int) -> int:
    """A replica at random, by the dice of the request (see `kernel.dice_of`).

    Examples
    --------
    >>> [random_replica(0.3, attempt, choice, 4) for attempt in (1, 2, 3) for choice in (0, 1)]
    [2, 0, 2, 0, 1, 2]
    """
    return int(dice % 1.0 * PLACE[(2 * attempt + choice) % 64] % 1.0 * replicas)


def picker(
    policy: str, order: Sequence[int], dice: list[float], attempt: list[int], load: list[int]
) -> Callable[[int], int]:
    """The function that picks replicas.

    Parameters
    ----------
    order : sequence of int
        Ready replicas, at least one, in round-robin order from the next one.
    dice, attempt : list
        Of every attempt.
    load : list of int
        Requests inside each replica, as it changes.

    Returns
    -------
    callable
        The replica of an attempt, given its row; called once for each attempt that is sent.
    """
    sent, replicas, by_number = 0, len(order), sorted(order)

    def round_robin(k: int) -> int:
        nonlocal sent
        sent += 1
        return order[(sent - 1) % replicas]

    def at_random(k: int) -> int:
        return by_number[random_replica(dice[k], attempt[k], 0, replicas)]

    def of_two(k: int) -> int:
        first, second = (
            by_number[random_replica(dice[k], attempt[k], n, replicas)] for n in (0, 1)
        )
        return second if load[second] < load[first] else first

    return {ROUND_ROBIN: round_robin, RANDOM: at_random, LEAST_REQUESTS: of_two}[policy]
