"""People: who is on call, how a page reaches them, and how long they take.

`rotation` has the turns of a team's members, `schedules` the shifts of schedules, `desk` the
pages. The responder's orders acknowledge for the team that it plays; every other team is
simulated, and works only when it is paged.
"""
