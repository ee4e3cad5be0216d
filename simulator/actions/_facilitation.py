"""Base of what facilitators do in a live drill: as orders, so that a replay repeats it."""

from simulator.actions import Action


class FacilitatorAction(Action):
    """Base of the orders of facilitators."""

    roles = ("facilitator",)
    instant = True
