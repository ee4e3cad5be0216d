"""Other limits for the pods of the model server: vertical scaling."""

from dataclasses import replace
from typing import ClassVar, Self

from pydantic import model_validator

from simulator.actions import Action, ActionFailed, ActionSteps, Args, Site, part
from simulator.pipeline.cluster.limits import PodLimits
from simulator.units import Factor, Size, approximate_bytes


@part
class ResizePods(Action):
    """Change the limits of the model server's pods, which are replaced one after the other.

    A pod with another memory request needs a node with as much room, and the quota's leave; else it
    stays pending, and the rollout with it.
    """

    effect = "world"
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

    @model_validator(mode="after")
    def _some(self) -> Self:
        limits = (self.memory, self.request, self.cpu, self.accelerator)
        if self.lift == any(limit is not None for limit in limits):
            raise ValueError("give new limits (memory, request, cpu, accelerator), or lift")
        return self

    def act(self, site: Site) -> ActionSteps:
        cluster = site.world.cluster
        before, limits = cluster.limits, self._limits(site)
        if limits == before:
            raise ActionFailed("the pods have these limits already")
        yield 10_000
        cluster.limits = limits
        return f"{_changes(before, limits)}; {cluster.desired_replicas} pods are replaced"

    def _limits(self, site: Site) -> PodLimits:
        """The new limits.

        Raises
        ------
        ActionFailed
            If no pod could run with them.
        """
        params, old, initial = site.params, site.world.cluster.limits, PodLimits.of(site.params)
        if self.lift:
            return initial
        if self.cpu is not None and not initial.cpu:
            raise ActionFailed("the pods have no CPU limit")
        if self.accelerator is not None and not initial.accelerator:
            raise ActionFailed("the pods have no accelerator")
        memory = float(self.memory) if self.memory is not None else old.memory
        request = memory * initial.request / initial.memory
        request = float(self.request) if self.request is not None else float(round(request))
        if memory <= params.memory_base:
            base = approximate_bytes(params.memory_base)
            raise ActionFailed(f"a process without requests holds {base}")
        if request > memory:
            raise ActionFailed("the request is above the limit")
        largest = float(site.world.cluster.node_memory.max())
        if request > largest:
            text = f"a pod of {approximate_bytes(request)}: no node has more than "
            raise ActionFailed(f"{text}{approximate_bytes(largest)}")
        new = replace(old, memory=memory, request=request)
        if self.cpu is not None:
            new = replace(new, cpu=self.cpu)
        if self.accelerator is not None:
            if self.accelerator <= (params.gpu.base if params.gpu else 0.0):
                raise ActionFailed("the model does not fit onto it")
            new = replace(new, accelerator=float(self.accelerator))
        return new


def _changes(before: PodLimits, after: PodLimits) -> str:
    """What changed, in words."""
    texts = []
    for name in ("memory", "request", "cpu", "accelerator"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            form = "{:g} cores".format if name == "cpu" else approximate_bytes
            texts.append(f"{name} {form(old)} -> {form(new)}")
    return ", ".join(texts)
