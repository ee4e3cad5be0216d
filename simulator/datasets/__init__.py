"""Data sets: dated rows with labels, from a package, from a generator or from a user's file."""
