"""Laws of the model server: work of requests, queues, clients, autoscaler, accelerator, quota."""

from simulator.pipeline.cluster.laws import AutoscalerLaw, MachineLaw, QuotaLaw
from simulator.pipeline.cluster.quota import MEMORY, PODS
from simulator.pipeline.laws import Params
from simulator.pipeline.serving.batching import BatchingLaw
from simulator.pipeline.serving.client_guard import CircuitBreakerLaw, RetryBudgetLaw
from simulator.pipeline.serving.gpu_memory import GpuLaw
from simulator.pipeline.serving.laws import CacheLaw, DependencyLaw, PerReplicaQueueing
from simulator.pipeline.traffic import distributions
from simulator.pipeline.traffic.distributions import Distribution
from simulator.scenario import Pipeline, Serving
from simulator.scenario.service import Service


def service_distribution(service: Service) -> Distribution:
    """The distribution of the work of requests, with mean 1.

    Examples
    --------
    >>> service_distribution(Service(mean="60ms", distribution="gamma", shape=2.0))
    Gamma(shape=2.0)
    """
    if service.distribution == "gamma":
        return distributions.Gamma(float(service.shape or 1.0))
    if service.distribution == "empirical":
        return distributions.Empirical(tuple(map(float, service.values or ())))
    if service.distribution == "exponential":
        return distributions.Exponential()
    if service.distribution == "deterministic":
        return distributions.Deterministic()
    return distributions.Lognormal(float(service.sigma))


def retry_budget_law(server: Serving) -> RetryBudgetLaw | None:
    """The retry budget of the clients, if they have one."""
    budget = server.retry_budget
    return RetryBudgetLaw(budget.share, budget.burst) if budget else None


def circuit_breaker_law(server: Serving) -> CircuitBreakerLaw | None:
    """The circuit breaker of the clients, if they have one."""
    breaker = server.breaker
    if breaker is None:
        return None
    return CircuitBreakerLaw(
        breaker.failures, breaker.window, float(breaker.cool_down), breaker.probes
    )


def per_replica_queueing(server: Serving) -> PerReplicaQueueing | None:
    """Balancing and batching of per-replica queues; None for a shared queue."""
    if server.queues == "shared":
        return None
    batching = server.batching
    if batching is None:
        return PerReplicaQueueing(server.balancing)
    preferred = tuple(sorted(batching.preferred))
    law = BatchingLaw(batching.max_size, float(batching.max_wait), batching.further, preferred)
    return PerReplicaQueueing(server.balancing, law)


def gpu_law(server: Serving) -> GpuLaw | None:
    """The memory of each replica's accelerator, if it has one."""
    gpu = server.gpu_memory
    if gpu is None:
        return None
    return GpuLaw(float(gpu.size), float(gpu.base), float(gpu.per_request), gpu.tokens or 0)


def dependency_law(server: Serving) -> DependencyLaw | None:
    """What load does to the dependency; None where it does nothing."""
    dependency = server.dependency
    if dependency is None or dependency.concurrency is None:
        return None
    others = dependency.others
    return DependencyLaw(
        dependency.concurrency,
        others.rate if others else 0.0,
        float(others.timeout) if others else 1000.0,
        dependency.finishes_abandoned,
    )


def set_read_laws(params: Params, server: Serving) -> None:
    """Set the laws of feature reads and of the caches before them, where they are declared."""
    if server.dependency is not None:
        params.feature_read_ms = float(server.dependency.mean)
    params.dependency = dependency_law(server)
    params.feature_cache = cache_law(server)


def cache_law(server: Serving) -> CacheLaw | None:
    """The feature caches of the replicas, if there are any."""
    if (cache := server.cache) is None:
        return None
    return CacheLaw(cache.hit_ratio, float(cache.size), float(cache.memory))


def autoscaler_law(server: Serving) -> AutoscalerLaw | None:
    """The autoscaler of the replicas, if there is one."""
    law = server.autoscaler
    if law is None:
        return None
    return AutoscalerLaw(law.min, law.max, law.target, law.tolerance, law.sync, law.stabilisation)


def set_cpu_laws(params: Params, server: Serving) -> None:
    """The CPU limit of a pod, where there is one."""
    if server.cpu is not None:
        params.cpu_limit, params.cpu_per_request = server.cpu.limit, server.cpu.per_request


def machine_law(pipeline: Pipeline) -> MachineLaw:
    """The nodes that the model server has and can have."""
    cluster = pipeline.cluster
    return MachineLaw(cluster.nodes, cluster.nodes_max or cluster.nodes, cluster.provisioning)


def quota_law(pipeline: Pipeline) -> QuotaLaw | None:
    """The resource quota of the namespace, None without limits."""
    quota = pipeline.cluster.quota
    if quota is None:
        return None
    hard = {PODS: quota.pods, MEMORY: quota.memory}
    return QuotaLaw({name: float(limit) for name, limit in hard.items() if limit is not None})
