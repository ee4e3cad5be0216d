"""Whoever follows a playbook: `follower` reads the news, `course` takes the steps.

`findings` are the results of looks, which later steps refer to; `questions` are the queries of
steps; `step_log` logs each step with its reason.
"""

from simulator.responders.playbook.follower import Follower

__all__ = ["Follower"]
