"""Capacity of a pipeline: queues that never drain, clients that give up, memory that is too small.

A drill may be about just that; mostly it is a slip, so it is a warning.
"""

from collections.abc import Iterator

from simulator.scenario import Pipeline, Serving
from simulator.setting.components import serving_stage
from simulator.setting.name_checker import KeyPath
from simulator.source import Complaint, Document
from simulator.units import approximate_bytes, format_bytes, format_ms

Warnings = Iterator[tuple[KeyPath, str]]


def warnings(document: Document, at: KeyPath, pipeline: Pipeline) -> list[Complaint]:
    """Traffic above the capacity, answers after the timeout, pods and batches above the memory.

    Parameters
    ----------
    at : path of the pipeline in it
    """
    texts = (
        *_overload(pipeline),
        *_timeouts(pipeline),
        *_crowded_nodes(pipeline),
        *_large_caches(pipeline),
        *_large_batches(pipeline),
    )
    return [document.complaint_at((*at, *path), text) for path, text in texts]


def _overload(pipeline: Pipeline) -> Warnings:
    _, server = serving_stage(pipeline)
    capacity, description = _capacity(server)
    traffic = pipeline.traffic
    main_share = 1.0 - sum(pool.share for pool in server.pools.values())
    mean_rate = traffic.rate * sum(traffic.profile) / len(traffic.profile) * main_share
    rates: list[tuple[KeyPath, float, str]]
    rates = [(("traffic", "rate"), mean_rate, "never drains")]
    if (trace := traffic.trace) is not None:
        recorded = 1000.0 * trace.requests / trace.lasts * main_share
        rates.append((("traffic", "trace"), recorded, "grows as long as it lasts"))
    for path, rate, effect in rates:
        if rate >= capacity:
            text = f"{rate:.6g} requests per second on average, but {description} answer at most "
            yield path, f"{text}{capacity:.6g}: the queue {effect}"


def _capacity(server: Serving) -> tuple[float, str]:
    """The highest throughput of a server, requests per second, and what limits it."""
    replicas = server.autoscaler.max if server.autoscaler else server.replicas
    work, size = server.service.mean_ms, 1
    description = f"{replicas} x {server.concurrency} slots"
    if (batch := server.batching) is not None and batch.full > 1:
        # An upper bound: the feature reads of a batch take longer than a single one.
        size = batch.full
        work *= 1 + batch.further * (size - 1)
        description += f" with batches of {size}"
    per_replica = server.concurrency / (work + _mean_read_ms(server))
    if server.cpu is not None:
        # A slot that waits for its feature read takes no core.
        computed = server.cpu.limit / server.cpu.per_request / work
        if computed < per_replica:
            per_replica = computed
            cores = f"{server.cpu.limit:g} cores of {server.cpu.per_request:g} a request"
            description = f"{replicas} x {cores}"
    capacity = replicas * per_replica * size
    if (store := server.dependency) is not None and store.concurrency and _mean_read_ms(server):
        ours = store.concurrency - (store.others.rate * store.mean / 1000 if store.others else 0)
        readable = max(0.0, ours) / _mean_read_ms(server)
        if readable < capacity:
            capacity = readable
            description = f"slots that wait for {store.name} ({store.concurrency} reads at a time"
            description += ", beside those of others)" if store.others else ")"
    return capacity * 1000.0, description


def _mean_read_ms(server: Serving) -> float:
    """The mean time of the feature read of a request, hits of a warm cache included."""
    share = 1.0 - server.cache.hit_ratio if server.cache else 1.0
    return share * server.dependency.mean if server.dependency else 0.0


def _timeouts(pipeline: Pipeline) -> Warnings:
    name, server = serving_stage(pipeline)
    if server.service.mean_ms > server.timeout:
        mean, timeout = round(server.service.mean_ms), format_ms(server.timeout)
        text = f"{format_ms(mean)} on average, but clients wait {timeout}: few get an answer"
        yield ("stages", name, "service"), text


def _crowded_nodes(pipeline: Pipeline) -> Warnings:
    name, server = serving_stage(pipeline)
    cluster, memory = pipeline.cluster, server.memory
    pods = -(-server.replicas // cluster.nodes)  # pods spread evenly
    cached = server.cache.memory if server.cache is not None else 0
    held = memory.base + cached + server.concurrency * memory.per_request
    if pods * held > cluster.memory:
        text = f"{pods} pods on a node hold up to {approximate_bytes(pods * held)} of its "
        text += f"{approximate_bytes(cluster.memory)}: it evicts them"
        yield ("stages", name, "memory"), text


def _large_caches(pipeline: Pipeline) -> Warnings:
    name, server = serving_stage(pipeline)
    memory, cached = server.memory, server.cache.memory if server.cache is not None else 0
    if memory.base + cached > memory.limit:
        text = f"with {format_bytes(memory.base)} of the process above the limit of a replica "
        text += f"({format_bytes(memory.limit)}): it is killed when its cache is full"
        yield ("stages", name, "cache", "memory"), text


def _large_batches(pipeline: Pipeline) -> Warnings:
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
