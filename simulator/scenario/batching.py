"""Dynamic batching of the model server in the pipeline's format."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.scenario.base import Frozen, Positive
from simulator.source import Issue, raise_issues
from simulator.units import Duration, Ratio, Size, format_bytes


class Batching(Frozen):
    """Several requests served together; a batch takes one slot."""

    max_size: Annotated[Positive, Field(le=10_000)]
    """The most requests in one batch (Triton's `max_batch_size`)."""
    max_wait: Duration = 0
    """How long the oldest request waits for others while a slot is free (Triton's
    `max_queue_delay_microseconds`)."""
    preferred: tuple[Positive, ...] = ()
    """Sizes at which a batch does not wait (Triton's `preferred_batch_size`); by default
    `max_size`."""
    further: Ratio
    """The share of its work that each further request of a batch adds: at 0 a batch takes as long
    as one request, at 100% as long as its requests one by one."""

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
        """The size of a batch under saturation."""
        # Without a wait a batch never grows beyond the preferred sizes.
        return max(self.preferred) if self.preferred and not self.max_wait else self.max_size


class GpuMemory(Frozen):
    """Memory of each replica's accelerator. A batch that does not fit beside the batches in service
    fails with errors; the replica keeps running."""

    size: Size
    """Its size."""
    base: Size
    """Used by the model itself."""
    per_request: Size
    """Used by a request of average work in service; a longer one uses more."""
    tokens: Positive | None = None
    """The prompt length of such a request; without it there is no series of lengths."""

    @model_validator(mode="after")
    def _check_fits(self) -> Self:
        if self.base + self.per_request > self.size:
            text = (
                f"given {format_bytes(self.base)!r}, which leaves no room for one request "
                f"({format_bytes(self.per_request)}) in {format_bytes(self.size)}"
            )
            raise_issues([Issue(("base",), text)])
        return self
