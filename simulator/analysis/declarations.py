"""Declarations of a severity: which of them noticed an incident.

One that stands when a fault lands and was made after its onset counts from the landing. One that
was made before the onset knew of nothing, and repeating it after the onset tells nothing new.
"""

from simulator.analysis.run_record import RunRecord
from simulator.units import Severity

NO_INCIDENT = Severity.SEV5


def first_declaration(record: RunRecord, onset: int, landed: int | None) -> int | None:
    """When a declaration first noticed an incident, ms; None if none did.

    Parameters
    ----------
    onset, landed : int, ms
        Of its fault; `landed` None if it never did.
    """
    standing = str(NO_INCIDENT)
    closes = [t for t, _ in record.done_times("close")]
    declared = [(t, str(order.result.get("severity", ""))) for t, order in
                record.done_times("declare")]  # fmt: skip
    for t, severity in sorted([*declared, *((t, str(NO_INCIDENT)) for t in closes)]):
        if t >= onset and severity not in (standing, str(NO_INCIDENT)):
            return max(t, landed) if landed is not None else t
        standing = severity
    return None
