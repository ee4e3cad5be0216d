"""Errors of a query: one line for people, without a traceback."""


class PromQLError(ValueError):
    """A query that cannot be parsed, planned or evaluated."""


class Unsupported(PromQLError):
    """A feature of PromQL that the simulator leaves out on purpose."""
