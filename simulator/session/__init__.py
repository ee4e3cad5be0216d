"""One run of a drill: the tick that joins the rooms, and the doors into it.

`session` moves time, `internals` are the simulated systems, `door` is what a player gets. A tick
takes `order_queue` (with `hands`), `inject_runner` and `evaluation`; `roster` and `inboxes` know
the players, `sites` the reach of actions. `journal` alone writes the log, from `make_header` on.
"""

from simulator.session.door import Door, News, Observation, Order, OrderRejected
from simulator.session.internals import Internals
from simulator.session.roster import PlayerError
from simulator.session.session import Session

__all__ = [
    "Door",
    "Internals",
    "News",
    "Observation",
    "Order",
    "OrderRejected",
    "PlayerError",
    "Session",
]
