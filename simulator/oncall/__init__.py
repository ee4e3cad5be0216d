"""On-call teams: rotations, pages and the times that people take.

`schedule` computes the person on call, `desk` delivers pages. The responder's own team
acknowledges by the responder's orders; the other teams are simulated and work only when paged.
"""
