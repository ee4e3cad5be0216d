"""Which metrics are counters, by Prometheus' naming."""

SUFFIXES = ("_total", "_count", "_sum")
# A gauge all the same: the slots of the ready replicas.
GAUGES = frozenset({"ml_serving_slots_total"})


def is_counter(metric: str) -> bool:
    """Whether a metric only rises, until its process restarts.

    Examples
    --------
    >>> [is_counter(name) for name in ("http_requests_total", "up", "ml_serving_slots_total")]
    [True, False, False]
    """
    return metric.endswith(SUFFIXES) and metric not in GAUGES
