"""Orders about pods and nodes that the cluster of a pipeline can never carry out."""

from collections.abc import Iterator

from pydantic import ValidationError

from simulator.actions import ACTIONS
from simulator.registry import Args
from simulator.scenario import Pipeline
from simulator.setting.bound_scenario import BoundScenario
from simulator.setting.components import serving_stage
from simulator.source import Complaint, Document
from simulator.units import approximate_bytes


def warnings(document: Document, bound: BoundScenario) -> list[Complaint]:
    """Warnings about the changes of a scenario."""
    return [
        document.complaint_at(("injects", i, "args", *path), text)
        for i, inject in enumerate(bound.injects)
        if inject.type == "change"
        for path, text in explain_impossible(bound.pipeline, inject.name, inject.args)
    ]


def explain_impossible(
    pipeline: Pipeline, kind: str, args: Args
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Why an order fails whenever it is given: the argument, and the reason."""
    cluster, (_, server) = pipeline.cluster, serving_stage(pipeline)
    if kind == "add_node" and not args.get("back"):
        most = cluster.nodes_max or cluster.nodes
        if most <= cluster.nodes:
            yield (), f"the quota of machines allows {most} nodes, all in use (cluster.nodes_max)"
    if kind != "resize_pods":
        return
    try:
        order = ACTIONS.get(kind).model_validate(dict(args)).model_dump()
    except ValidationError:
        return  # told where arguments are checked
    memory, request = order["memory"], order["request"]
    if memory is not None and request is None:
        request = round(memory * server.memory.request / server.memory.limit)
    if request is not None and request > cluster.memory:
        key = "memory" if order["request"] is None else "request"
        text = f"a pod of {approximate_bytes(request)} fits on no node of "
        yield (key,), f"{text}{approximate_bytes(cluster.memory)}"
    if memory is not None and memory <= server.memory.base:
        base = approximate_bytes(server.memory.base)
        yield ("memory",), f"a process without requests holds {base}"
    if order["cpu"] is not None and server.cpu is None:
        yield ("cpu",), "the pipeline's pods have no CPU limit"
    if order["accelerator"] is not None:
        if server.gpu_memory is None:
            yield ("accelerator",), "the pipeline's pods have no accelerator"
        elif order["accelerator"] <= server.gpu_memory.base:
            base = approximate_bytes(server.gpu_memory.base)
            yield ("accelerator",), f"the model holds {base} of it"
