"""The director of a drill: injects with their conditions, faults, phases and objectives."""
