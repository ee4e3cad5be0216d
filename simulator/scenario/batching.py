"""Dynamic batching of the model server, as an author writes it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Frozen, Positive
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Ratio, Size, format_bytes


class Batching(Frozen):
    """Several requests that a replica answers at once; a batch takes one place."""

    max_size: Annotated[Positive, Field(le=10_000)]
    """The most requests in one batch (Triton's `max_batch_size`)."""
    max_wait: Duration = 0
    """How long the oldest waits for others while a place is free (Triton's
    `max_queue_delay_microseconds`)."""
    preferred: tuple[Positive, ...] = ()
    """Sizes at which a batch does not wait for others (Triton's `preferred_batch_size`); without
    any, the most."""
    further: Ratio
    """The share of its own work that every request of a batch but the first adds: at 0 a batch
    takes as long as one, at 100% as long as its requests one by one."""

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        raise_issues([
            Issue(("preferred", number), f"given {size}, above max_size ({self.max_size})")
            for number, size in enumerate(self.preferred)
            if size > self.max_size
        ])  # fmt: skip
        return self

    @property
    def full(self) -> int:
        """How many requests a batch has where there are always enough."""
        # Without a wait nobody has ever waited enough for more than what is preferred.
        return max(self.preferred) if self.preferred and not self.max_wait else self.max_size


class GpuMemory(Frozen):
    """Memory of the accelerator that each replica has. A batch that does not fit beside those in
    service is answered with errors; the replica lives on."""

    size: Size
    """How much there is."""
    base: Size
    """Taken by the model, whatever it does."""
    per_request: Size
    """Taken by a request of average work while it is served; a longer one takes more."""
    tokens: Positive | None = None
    """How long the prompt of such a request is; without it nothing tells of lengths."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.base + self.per_request > self.size:
            text = (
                f"given {format_bytes(self.base)!r}, which leaves no room for one request "
                f"({format_bytes(self.per_request)}) in {format_bytes(self.size)}"
            )
            raise_issues([Issue(("base",), text)])
        return self
