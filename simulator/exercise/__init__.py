"""The director of a drill: phases, injects, objectives, debts, the incident's record."""
