"""Laws and facts of the pools of replicas beside the main one."""

from dataclasses import replace

import numpy as np

from simulator.pipeline.cluster import cpu, deployment
from simulator.pipeline.cluster.limits import PodLimits
from simulator.pipeline.laws import Params
from simulator.pipeline.serving import server
from simulator.pipeline.world import Cluster, Replicas, ServingPool
from simulator.scenario import Pipeline
from simulator.setting.components import pod_prefix, pod_slots, serving_stage


def pool_params(pipeline: Pipeline, main: Params) -> dict[str, Params]:
    """The laws of each pool: those of the main one, with what the pool sets.

    A pool has neither the autoscaler nor the quota of the main one.
    """
    _, stage = serving_stage(pipeline)
    laws = {}
    for name, pool in stage.pools.items():
        warm_up = pool.warm_up or stage.warm_up
        laws[name] = replace(
            main,
            slots=pod_slots(stage, name),
            concurrency=pool.concurrency or main.concurrency,
            queue_cap=main.queue_cap if pool.queue is None else pool.queue,
            start_up_ms=main.start_up_ms if pool.start_up is None else pool.start_up,
            warm_up_ms=warm_up.lasts if warm_up else 0,
            warm_up_factor=warm_up.factor if warm_up else 1.0,
            pods=pod_prefix(pipeline, name),
            nodes=f"{name}-node",
            autoscaler=None,
            quota=None,
        ).unbent()
    return laws


def initial_pools(pipeline: Pipeline, params: Params) -> dict[str, ServingPool]:
    """The pools at the start, idle."""
    _, stage = serving_stage(pipeline)
    pools = {}
    for name, pool in stage.pools.items():
        memory = pipeline.cluster.memory if pool.memory is None else pool.memory
        laws, build = params.serving_pools[name], pool.build or stage.build
        replicas, cluster = initial_pods(laws, pool.replicas, [float(memory)] * pool.nodes, build)
        if not pool.share:
            replicas.warmth[:] = 0.0  # a standby has seen no requests
        queue = server.empty_queue(laws.slots)
        pools[name] = ServingPool(
            replicas, cluster, queue, pool.replicas, declared_share=pool.share, share=pool.share
        )
    return pools


def initial_pods(
    params: Params, replicas: int, node_memory: list[float], build: int
) -> tuple[Replicas, Cluster]:
    """Pods and nodes of a pool at the start of the history, all pods ready."""
    pods, cluster = deployment.start(
        params.slots,
        replicas,
        node_memory,
        base=params.memory_base,
        limits=PodLimits.of(params),
        build=build,
    )
    cluster.cpu = cpu.unused(params.slots) if params.cpu_limit else None
    cluster.gpu_used = np.zeros(params.slots if params.gpu else 0)
    return pods, cluster
