"""Prometheus rules and Alertmanager, in simulated time.

Read `rulefile` (rule files as they are), `alerts` (one rule's state machine), `running` (one
rule at work), `rules` (groups evaluated on their grid), then `alertmanager` (routes, groups,
silences, inhibition) and `chain` (from a rule to a receiver, any link of which may fail). Of
runs that are over tell `review` (what each rule did) and `promtool` (the same as its test).
"""
