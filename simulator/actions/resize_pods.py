"""Other limits for the pods of the model server: vertical scaling."""

from dataclasses import replace
from typing import ClassVar, Self

from pydantic import model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Site, part
from simulator.actions._serving_pool import ServingPoolName, pool_of
from simulator.pipeline.cluster.limits import PodLimits
from simulator.pipeline.laws import Params
from simulator.pipeline.world import Cluster
from simulator.units import Factor, Size, approximate_bytes
from simulator.units.wording import format_count


@part
class ResizePods(Action):
    """Change the limits of the model server's pods, which are replaced one after the other.

    A pod with another memory request needs a node with as much room, and the quota's leave; else it
    stays pending, and the rollout with it. Limits above the requests promise memory that a full
    node does not have: then it evicts the pod that is furthest above its request.
    """

    effect = "world"
    fixed_target = "serving"
    reversible = True
    leaves = ("larger_pods",)
    undo = ("resize_pods", {"memory": None, "lift": True})
    example: ClassVar[Args] = {"memory": "1.5GiB"}
    failing = ({"memory": "999TiB"},)

    memory: Size | None = None
    """The memory limit of a pod."""
    request: Size | None = None
    """Its memory request; by default in proportion to the limit."""
    cpu: Factor | None = None
    """Its CPU limit, in cores."""
    accelerator: Size | None = None
    """The memory of its accelerator."""
    lift: bool = False
    """Return to the limits of the pipeline instead."""
    serving_pool: ServingPoolName = ""
    """The serving pool; by default the main one."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        limits = (self.memory, self.request, self.cpu, self.accelerator)
        if self.lift == any(limit is not None for limit in limits):
            raise ValueError("give new limits (memory, request, cpu, accelerator), or lift")
        return self

    def act(self, site: Site) -> ActionSteps:
        cluster, params = site.world.cluster, site.params
        if self.serving_pool:
            pool, params = pool_of(site, self.serving_pool)
            cluster = pool.cluster
        before, limits = cluster.limits, self._limits(cluster, params)
        if limits == before:
            raise ActionFailed("the pods have these limits already")
        yield 10_000
        cluster.limits = limits
        pods = format_count(cluster.desired_replicas, "pods")
        return f"{_changes(before, limits)}; {pods} to replace"

    def _limits(self, cluster: Cluster, params: Params) -> PodLimits:
        """The new limits.

        Raises
        ------
        ActionFailed
            If no pod could run with them.
        """
        initial = PodLimits.of(params)
        if self.lift:
            return initial
        limits = cluster.limits
        if self.memory is not None:
            proportion = initial.request / initial.memory
            request = float(round(self.memory * proportion))
            limits = replace(limits, memory=float(self.memory), request=request)
        if self.request is not None:
            limits = replace(limits, request=float(self.request))
        if self.cpu is not None:
            limits = replace(limits, cpu=self.cpu)
        if self.accelerator is not None:
            limits = replace(limits, accelerator=float(self.accelerator))
        if self.cpu is not None and not initial.cpu:
            raise ActionFailed("the pods have no CPU limit")
        if self.accelerator is not None and not initial.accelerator:
            raise ActionFailed("the pods have no accelerator")
        _check_memory(limits, cluster, params)
        return limits


def _check_memory(limits: PodLimits, cluster: Cluster, params: Params) -> None:
    """Fail if no process, or no node, or no model has room."""
    if limits.memory <= params.memory_base:
        base = approximate_bytes(params.memory_base)
        raise ActionFailed(f"a process without requests holds {base}")
    if limits.request > limits.memory:
        raise ActionFailed("the request is above the limit")
    largest = float(cluster.node_memory.max())
    if limits.request > largest:
        text = f"a pod of {approximate_bytes(limits.request)}: no node has more than "
        raise ActionFailed(f"{text}{approximate_bytes(largest)}")
    if params.gpu is not None and limits.accelerator <= params.gpu.base:
        raise ActionFailed(f"the model holds {approximate_bytes(params.gpu.base)} of it")


def _changes(before: PodLimits, after: PodLimits) -> str:
    """What changed, in words."""
    texts = []
    for name in ("memory", "request", "cpu", "accelerator"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            form = "{:g} cores".format if name == "cpu" else approximate_bytes
            texts.append(f"{name} {form(old)} -> {form(new)}")
    return ", ".join(texts)
