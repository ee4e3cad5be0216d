"""One run of a drill: the tick that joins the rooms, and the only door into it.

`session` moves time and alone writes the log, `door` is what a player gets, `orders` is how
what was asked is understood and carried out, `header` is what a log begins with.
"""

from simulator.session.door import Door, News, Observation, Order, OrderRejected
from simulator.session.session import Session

__all__ = ["Door", "News", "Observation", "Order", "OrderRejected", "Session"]
