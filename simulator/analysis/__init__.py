"""A run, read once: what follows from its log, its series and its twins, typed.

`Timeline` has everything, each thing computed once and only if it is read. Below it, `run_record`
has what follows from a run alone, `attribution` and `harm` which fault caused an alert, a breach or
a debt, `marks` the times of an incident. `rule_history` and `promtool` read a run's alerts with its
rules.
"""

from simulator.analysis.timeline import Timeline

__all__ = ["Timeline"]
