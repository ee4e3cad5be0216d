"""Triton: inferences, the batches that they were done in, and where the time went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.arrays import Floats
from simulator.pipeline.serving.gpu_memory import GpuLaw
from simulator.telemetry import collector
from simulator.telemetry.collector import TOKENS, Reading, histogram
from simulator.telemetry.store import Labels, labels_of

MICRO = 1e6
# Why a request fails, in the order of `read`: turned away, its client gone, an error.
REASONS = ("REJECTED", "CANCELED", "BACKEND")
FAMILIES = (
    "nv_inference_request_success",
    "nv_inference_count",
    "nv_inference_exec_count",
    "nv_inference_request_duration_us",
    "nv_inference_queue_duration_us",
    "nv_inference_compute_input_duration_us",
    "nv_inference_compute_infer_duration_us",
    "nv_inference_pending_request_count",
)
PROMPT = "vllm:request_prompt_tokens"


class System(collector.System):
    """Its counters for one model; the average batch is count by exec_count.

    Durations are those of requests that succeeded. What a batch reads before it computes is
    the compute's input. Lengths of prompts have the name that Triton's vLLM backend gives them;
    they are those of all that reached an accelerator, whether it had room or not.

    https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html
    https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/vllm_backend/README.html
    """

    job = "triton"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.labels = {"model": str(facts["model"]), "version": "1"}
        law: GpuLaw | None = facts.get("gpu")
        self.tokens = law is not None and law.tokens > 0

    def series(self) -> list[Labels]:
        failure = "nv_inference_request_failure"
        return [
            *(labels_of(self.labels, __name__=name) for name in FAMILIES),
            *(labels_of(self.labels, __name__=failure, reason=reason) for reason in REASONS),
            *(histogram(PROMPT, TOKENS, **self.labels) if self.tokens else ()),
        ]

    def read(self, now: Reading) -> Floats:
        totals = now.totals
        whole, read, infer = (
            part.total * MICRO for part in (totals.latency, totals.dependency, totals.predict)
        )
        pending = len(now.world.queue.waiting)
        return np.array(
            [
                *(totals.served, totals.handled, totals.executed),
                *(whole, max(0.0, whole - read - infer), read, infer, pending),
                *(totals.shed, totals.timed_out, totals.failed),
                *(totals.tokens.row() if self.tokens else ()),
            ]
        )
