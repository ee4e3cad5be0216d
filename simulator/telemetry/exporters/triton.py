"""Triton: inferences, their batches, and the parts of their time."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.pipeline.serving.gpu_memory import GpuLaw
from simulator.telemetry.exporter import Exporter, Floats, Labels, ScrapeContext, labels_of
from simulator.telemetry.totals import TOKEN_BUCKETS, histogram_series

MICRO = 1e6
# Reasons of failed requests, in the order of `read`: shed, client gone, error.
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


class TritonExporter(Exporter):
    """Counters of one model; the average batch size is count over exec_count.

    Durations cover successful requests; a batch's feature reads are its compute input. Prompt
    lengths have the name of Triton's vLLM backend and cover every request that reached an
    accelerator, whether it had room or not.

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
            *(histogram_series(PROMPT, TOKEN_BUCKETS, **self.labels) if self.tokens else ()),
        ]

    def read(self, scrape: ScrapeContext) -> Floats:
        totals = scrape.totals
        total, read, infer = (
            part.sum * MICRO for part in (totals.latency, totals.dependency, totals.predict)
        )
        pending = len(scrape.world.queue.waiting)
        return np.array(
            [
                *(totals.served, totals.departed, totals.batches_executed),
                *(total, max(0.0, total - read - infer), read, infer, pending),
                *(totals.shed, totals.timed_out, totals.failed),
                *(totals.tokens.samples() if self.tokens else ()),
            ]
        )
