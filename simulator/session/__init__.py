"""One run of a drill: the tick that joins the rooms, and the doors into it.

`session` moves time and alone writes the log, `internals` are the simulated systems, `door` is
what a player gets, `orders` validates and carries out orders, `header` starts the log.
"""

from simulator.session.door import Door, News, Observation, Order, OrderRejected
from simulator.session.internals import Internals
from simulator.session.session import Session

__all__ = ["Door", "Internals", "News", "Observation", "Order", "OrderRejected", "Session"]
