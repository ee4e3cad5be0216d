"""Responders, one kind a file: playbook, replay; or nobody.

A responder gets a door and nothing else. It is called when it has news or at the wake-up that
it asked for, and returns its next wake-up. `contained` keeps its troubles from the session.
"""

from simulator.responders.contained import Contained
from simulator.responders.drive import drive
from simulator.responders.meter import ResponderLimits
from simulator.responders.responder import Responder, ResponderEnded

__all__ = ["Contained", "Responder", "ResponderEnded", "ResponderLimits", "drive"]
