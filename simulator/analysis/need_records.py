"""Every need of a run: from when it was there, and when it was met.

========== ===================================== ===========================================
reason     from                                  met
========== ===================================== ===========================================
owner      the fault landed                      somebody of the team was reached
permission the fault landed, or the author says  that, or somebody approved the action
time_box   the time was over                     somebody of the team was reached, also before
severity   the incident had any                  the right one was declared
inform     the incident had the severity         an update was sent to the reader, or a page
========== ===================================== ===========================================

Who sleeps is not reached; who is reached before the need is there, but after the onset, is in time.
The time of a policy's time-box is for a page that nobody takes, that of the author's for a breach
without progress. A need that never came, such as a time-box that never ran out, has no record.
"""

from collections.abc import Iterator

from simulator.analysis.call_needs import call_records
from simulator.analysis.need_record import NeedRecord, line_numbers
from simulator.analysis.reader_needs import reader_records
from simulator.analysis.run_record import RunRecord
from simulator.analysis.severity_path import (
    NO_INCIDENT,
    declared_path,
    severity_at,
    severity_path,
)
from simulator.run.events import ActionEvent
from simulator.run.need import Need


def evaluate_needs(record: RunRecord) -> tuple[NeedRecord, ...]:
    """The needs of a run: calls, the severity, readers."""
    return (*call_records(record), *_severity_records(record), *reader_records(record))


def _severity_records(record: RunRecord) -> Iterator[NeedRecord]:
    """One record of the worst severity, if the incident had any."""
    right, declared = severity_path(record), declared_path(record)
    severe = [change for change in right if change.severity != NO_INCIDENT]
    if not severe:
        return
    worst = min(change.severity for change in severe)
    over = right[-1].t if right[-1].severity == NO_INCIDENT else record.end
    times = sorted(change.t for change in (*right, *declared))
    met = next(
        (t for t in times if NO_INCIDENT != severity_at(right, t) == severity_at(declared, t)), None
    )
    orders = [
        event
        for event in record.run.of(ActionEvent)
        if (event.action, event.state) == ("declare", "done") and met is not None and event.t <= met
    ]
    yield NeedRecord(
        Need("severity", severity=worst),
        severe[0].t,
        over,
        met,
        lines=line_numbers(record.run, orders[-1:]),
    )
