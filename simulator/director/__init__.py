"""The director of a drill: injects with conditions, faults, phases, objectives and needs."""
