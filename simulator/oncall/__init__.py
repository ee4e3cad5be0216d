"""People: whom a page reaches and when, and how long they take.

`schedule` says who is on call, `desk` carries pages. The team that the responder plays
acknowledges by the responder's orders; every other team is simulated, and works only
when asked.
"""
