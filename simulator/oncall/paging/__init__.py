"""Paging: the way of a page over a policy, until somebody takes it."""
