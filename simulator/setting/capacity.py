"""What is doubtful about how much a pipeline carries: queues that can never drain, batches that
do not fit.

No mistake, since a drill may be about just that; but a warning, since it mostly is a slip.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.scenario import Pipeline
from simulator.setting.stages import serving_of
from simulator.source import Complaint, Document, Key
from simulator.units import about_bytes, say_bytes, say_ms


def warnings(document: Document, at: tuple[Key, ...], pipeline: Pipeline) -> list[Complaint]:
    """Queues that never drain, clients that never get an answer, batches without room.

    Parameters
    ----------
    document : Document
    at : path of the pipeline in it
    pipeline : Pipeline
    """
    said = (*_drains(pipeline), *_in_time(pipeline), *_fits(pipeline))
    return [document.complain((*at, *path), text) for path, text in said]


def _drains(pipeline: Pipeline) -> Iterator[tuple[tuple[Key, ...], str]]:
    _, server = serving_of(pipeline)
    dependency = server.dependency.mean if server.dependency else 0
    slots = server.replicas * server.concurrency
    able = slots * 1000.0 / (server.service.mean_ms + dependency)
    how = f"{server.replicas} x {server.concurrency} slots"
    if (batch := server.batching) is not None and batch.full > 1:
        # At least: the feature reads of a batch take longer than one.
        work = server.service.mean_ms * (1 + batch.further * (batch.full - 1))
        able = slots * batch.full * 1000.0 / (work + dependency)
        how += f" with batches of {batch.full}"
    profile = pipeline.traffic.profile
    usual = pipeline.traffic.rate * sum(profile) / len(profile)
    if usual >= able:
        text = (
            f"{usual:.6g} requests per second on average, but "
            f"{how} answer at most {able:.6g}: the queue never drains"
        )
        yield ("traffic", "rate"), text


def _in_time(pipeline: Pipeline) -> Iterator[tuple[tuple[Key, ...], str]]:
    name, server = serving_of(pipeline)
    if server.service.mean_ms > server.timeout:
        mean, patience = round(server.service.mean_ms), say_ms(server.timeout)
        text = f"{say_ms(mean)} on average, but clients wait {patience}: few get an answer"
        yield ("stages", name, "service"), text


def _fits(pipeline: Pipeline) -> Iterator[tuple[tuple[Key, ...], str]]:
    name, server = serving_of(pipeline)
    gpu, batch = server.gpu_memory, server.batching
    if gpu is None or batch is None:
        return
    needed = gpu.base + server.concurrency * batch.full * gpu.per_request
    if needed > gpu.size:
        text = (
            f"{say_bytes(gpu.size)}, but {server.concurrency} full batches of {batch.full} "
            f"need {about_bytes(needed)} on average: some will not fit"
        )
        yield ("stages", name, "gpu_memory", "size"), text
