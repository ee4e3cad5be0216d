"""A game day for machine-learning pipelines: break one on purpose and watch who answers."""

__version__ = "0.1.0"
