"""Types and severities of incidents."""

from enum import StrEnum


class IncidentType(StrEnum):
    """The type of an incident; `TYPE.FAULT` is the name of a cause."""

    MODEL_PERFORMANCE = "model-performance"
    DATA = "data"
    PIPELINE = "pipeline"
    LATENCY = "latency"
    RESOURCES = "resources"
    DRIFT = "drift"


class Severity(StrEnum):
    """The severity of an incident; SEV1 is the worst."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"
    SEV5 = "SEV5"
