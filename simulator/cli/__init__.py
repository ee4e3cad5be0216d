"""The command `drill`: one command a file, arguments in, exit code out.

Exit codes: 0 passed, 1 the responder failed, 2 invalid input or usage, 3 the drill is invalid.
"""

from simulator.cli.group import call, main

__all__ = ["call", "main"]
