"""A run, read once: the typed facts of its log, its series and its twins.

`Timeline` has everything, each thing computed once and only if it is read. Below it, `run_record`
has the facts of a run alone, `attribution` and `harm` which fault caused an alert, a breach or
a debt, `marks` the times of an incident, `need_records` whom it needed and when they were reached,
`severity_path` how severe it was over time. `rule_history` and `promtool` read a run's alerts with
its rules.
"""

from simulator.analysis.timeline import Timeline

__all__ = ["Timeline"]
