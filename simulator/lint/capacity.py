"""What is doubtful about how much a pipeline carries: queues that can never drain, batches that
do not fit.

No mistake, since a drill may be about just that; but a warning, since it mostly is a slip.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.scenario import Pipeline, Serving
from simulator.setting.components import serving_stage
from simulator.source import Complaint, Document, Key
from simulator.units import approximate_bytes, format_bytes, format_ms


def warnings(document: Document, at: tuple[Key, ...], pipeline: Pipeline) -> list[Complaint]:
    """Queues that never drain, clients that never get an answer, batches without room.

    Parameters
    ----------
    document : Document
    at : path of the pipeline in it
    pipeline : Pipeline
    """
    said = (*_drains(pipeline), *_in_time(pipeline), *_fits(pipeline))
    return [document.complaint_at((*at, *path), text) for path, text in said]


def _drains(pipeline: Pipeline) -> Iterator[tuple[tuple[Key, ...], str]]:
    _, server = serving_stage(pipeline)
    able, how = _able(server)
    traffic = pipeline.traffic
    usual = traffic.rate * sum(traffic.profile) / len(traffic.profile)
    rates: list[tuple[tuple[Key, ...], float, str]] = [(("traffic", "rate"), usual, "never drains")]
    if (trace := traffic.trace) is not None:
        recorded = 1000.0 * trace.requests / trace.lasts
        rates.append((("traffic", "trace"), recorded, "grows as long as it lasts"))
    for path, rate, what in rates:
        if rate >= able:
            text = f"{rate:.6g} requests per second on average, but {how} answer at most "
            yield path, f"{text}{able:.6g}: the queue {what}"


def _able(server: Serving) -> tuple[float, str]:
    """Requests per second that a server answers at most, and what with."""
    replicas = server.autoscaler.max if server.autoscaler else server.replicas
    work, size = server.service.mean_ms, 1
    how = f"{replicas} x {server.concurrency} slots"
    if (batch := server.batching) is not None and batch.full > 1:
        # At least: the feature reads of a batch take longer than one.
        size = batch.full
        work *= 1 + batch.further * (size - 1)
        how += f" with batches of {size}"
    each = server.concurrency / (work + (server.dependency.mean if server.dependency else 0))
    if server.cpu is not None:
        # Of a place that waits for its feature read, no core is taken.
        computed = server.cpu.limit / server.cpu.per_request / work
        if computed < each:
            each = computed
            how = f"{replicas} x {server.cpu.limit:g} cores of {server.cpu.per_request:g} a request"
    return replicas * each * size * 1000.0, how


def _in_time(pipeline: Pipeline) -> Iterator[tuple[tuple[Key, ...], str]]:
    name, server = serving_stage(pipeline)
    if server.service.mean_ms > server.timeout:
        mean, patience = round(server.service.mean_ms), format_ms(server.timeout)
        text = f"{format_ms(mean)} on average, but clients wait {patience}: few get an answer"
        yield ("stages", name, "service"), text


def _fits(pipeline: Pipeline) -> Iterator[tuple[tuple[Key, ...], str]]:
    name, server = serving_stage(pipeline)
    gpu, batch = server.gpu_memory, server.batching
    if gpu is None or batch is None:
        return
    needed = gpu.base + server.concurrency * batch.full * gpu.per_request
    if needed > gpu.size:
        text = (
            f"{format_bytes(gpu.size)}, but {server.concurrency} full batches of {batch.full} "
            f"need {approximate_bytes(needed)} on average: some will not fit"
        )
        yield ("stages", name, "gpu_memory", "size"), text
