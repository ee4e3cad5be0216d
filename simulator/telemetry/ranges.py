"""What values a metric can take, as far as its name says."""

from __future__ import annotations

import math
from typing import NamedTuple


class Range(NamedTuple):
    """The least and the largest value that something can have."""

    low: float = -math.inf
    high: float = math.inf


ANY, POSITIVE, RATIO = Range(), Range(0.0), Range(0.0, 1.0)
# Prometheus' naming practice: base units and what is counted stand at the end of a name.
SUFFIXES = {"_ratio": RATIO, "_pvalue": RATIO, "_percent": Range(0.0, 100.0)} | dict.fromkeys(
    ("_total", "_count", "_bucket", "_bytes", "_psi", "_rows", "_replicas"), POSITIVE
)
NAMED = {
    "up": RATIO,
    "ml_model_accuracy": RATIO,
    "ml_model_auc": RATIO,
    "ml_model_info": Range(1.0, 1.0),
    "ALERTS": Range(1.0, 1.0),
    "ALERTS_FOR_STATE": POSITIVE,
    "kube_pod_status_phase": RATIO,
    "kube_pod_container_status_ready": RATIO,
    "kube_node_status_condition": RATIO,
    "kube_node_spec_taint": Range(1.0, 1.0),
    "kube_pod_info": Range(1.0, 1.0),
    "airflow_dagrun_failed_last": RATIO,
    "airflow_dagrun_running": RATIO,
}


def range_of(name: str | None) -> Range:
    """The range of a metric; everything where its name says nothing.

    Examples
    --------
    >>> range_of("ml_feature_null_ratio")
    Range(low=0.0, high=1.0)
    >>> range_of("ml_prediction_mean")
    Range(low=-inf, high=inf)
    """
    if name is None:
        return ANY
    # A recording rule's name (job:errors:ratio) promises nothing.
    if name in NAMED or ":" in name:
        return NAMED.get(name, ANY)
    return next((found for suffix, found in SUFFIXES.items() if name.endswith(suffix)), ANY)
