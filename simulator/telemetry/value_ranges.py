"""The range of values of a metric, as far as its name determines it."""

import math
from typing import NamedTuple


class ValueRange(NamedTuple):
    """The smallest and the largest possible value."""

    low: float = -math.inf
    high: float = math.inf


ANY, POSITIVE, RATIO = ValueRange(), ValueRange(0.0), ValueRange(0.0, 1.0)
# Prometheus' naming practice: base units and counted things stand at the end of a name.
SUFFIXES = {"_ratio": RATIO, "_pvalue": RATIO, "_percent": ValueRange(0.0, 100.0)} | dict.fromkeys(
    ("_total", "_count", "_bucket", "_bytes", "_psi", "_rows", "_replicas"), POSITIVE
)
NAMED = {
    "up": RATIO,
    "ml_model_accuracy": RATIO,
    "ml_model_auc": RATIO,
    "ml_model_info": ValueRange(1.0, 1.0),
    "ALERTS": ValueRange(1.0, 1.0),
    "ALERTS_FOR_STATE": POSITIVE,
    "kube_pod_status_phase": RATIO,
    "kube_pod_container_status_ready": RATIO,
    "kube_node_status_condition": RATIO,
    "kube_node_spec_taint": ValueRange(1.0, 1.0),
    "kube_pod_info": ValueRange(1.0, 1.0),
    "airflow_dagrun_failed_last": RATIO,
    "airflow_dagrun_running": RATIO,
}


def value_range(name: str | None) -> ValueRange:
    """The range of a metric; all numbers where its name does not determine it.

    Examples
    --------
    >>> value_range("ml_feature_null_ratio")
    ValueRange(low=0.0, high=1.0)
    >>> value_range("ml_prediction_mean")
    ValueRange(low=-inf, high=inf)
    """
    if name is None:
        return ANY
    # A recording rule's name (job:errors:ratio) guarantees nothing.
    if name in NAMED or ":" in name:
        return NAMED.get(name, ANY)
    return next((values for suffix, values in SUFFIXES.items() if name.endswith(suffix)), ANY)
