"""Prometheus rules and Alertmanager, in simulated time.

Read `rulefile` (rule files as they are), `alerts` (one rule's state machine), `running` (one
rule at work), `rules` (groups evaluated on their grid), then `alertmanager` (routes, groups,
silences, inhibition).
"""
