"""The verdict: passed, failed or invalid, and one clear sentence for each reason.

It follows from the log alone: no twin is needed to refuse a run, and none can change a verdict.
"""

from simulator.score.verdict.judge import judge
from simulator.score.verdict.reason import VerdictReason

__all__ = ["VerdictReason", "judge"]
