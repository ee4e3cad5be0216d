"""Prometheus rules and Alertmanager, in simulated time.

Read `rulefile` (the file format), `alerts` (the state machine of one rule's alerts), `rule_types`
(one rule at work), `rule_evaluator` (groups on their grid), then `alertmanager` (routes, groups,
silences, inhibition) and `chain` (from a rule to a receiver; any link may fail).
"""
