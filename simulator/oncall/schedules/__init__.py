"""Schedules: layers, overrides and holidays compiled to shifts."""
