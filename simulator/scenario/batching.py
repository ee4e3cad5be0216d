"""Dynamic batching of the model server, as an author writes it."""

from simulator.scenario.base import Frozen, Positive
from simulator.units import Duration, Ratio


class Batching(Frozen):
    """Several requests that a replica answers at once; a batch takes one place."""

    max_size: Positive
    """The most requests in one batch (Triton's `max_batch_size`)."""
    max_wait: Duration = 0
    """How long the oldest waits for others while a place is free (Triton's
    `max_queue_delay_microseconds`)."""
    further: Ratio
    """The share of its own work that every request of a batch but the first adds: at 0 a batch
    takes as long as one, at 100% as long as its requests one by one."""
