"""The director of a drill: injects and objectives."""
